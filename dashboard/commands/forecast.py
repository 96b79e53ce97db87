"""`barograph forecast`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ._store import HERE, Url, opened
from ._terminal import finite, line, print_json

if TYPE_CHECKING:
    from ..services.forecast_answer import ForecastAnswer

NUMBERS = ("mid", "low50", "high50", "low90", "high90")


def command(
    run: Annotated[str, typer.Argument(help="The run's name or id.")],
    at: Annotated[int | None, typer.Option(help="Forecast as if the run were at this step.")] = None,
    schedule: Annotated[
        Path | None, typer.Option(help="A CSV with columns step,lr: the learning rate to come.")
    ] = None,
    target: Annotated[float | None, typer.Option(help="Also forecast the steps needed to reach this loss.")] = None,
    store: Url = HERE,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Forecast the final loss of a run, with its interval, under its planned schedule or another."""
    from ..services.forecast_answer import forecast_answer

    with opened(store) as opened_store:
        found = forecast_answer(opened_store, run, at=at, schedule=schedule, target=target)
    answer = _answer(found)
    if as_json:
        print_json(answer)
    else:
        line(_text(answer))


def _answer(found: ForecastAnswer) -> dict[str, Any]:
    answer = {"run": found.run, "signal": found.signal, **_numbers(found.forecast)}
    answer |= {"evidence": found.forecast.evidence, "law": found.forecast.law, "schedule": found.schedule}
    if found.decayed_now is not None:
        answer["if_decayed_now"] = _numbers(found.decayed_now)
    if found.steps_to_target is not None:
        bounds = {name: getattr(found.steps_to_target, name) for name in ("low", "mid", "high")}
        steps = {name: int(bound) if math.isfinite(bound) else None for name, bound in bounds.items()}
        answer["steps_to_target"] = {"target": found.target, **steps}
    return answer


def _numbers(forecast: Any) -> dict[str, Any]:
    numbers = {name: finite(getattr(forecast, name)) for name in NUMBERS}
    return {"at": forecast.at, "for_step": forecast.for_step, "verdict": forecast.verdict.value, **numbers}


def _text(answer: dict[str, Any]) -> str:
    if answer["mid"] is None:
        return f"{answer['verdict']} ({answer['schedule']})" if answer["schedule"] else str(answer["verdict"])
    lines = [
        f"{answer['signal']} at step {answer['for_step']:,}: {_interval(answer)}, forecast at step {answer['at']:,}",
        f"{answer['evidence']}; schedule: {answer['schedule']}",
        answer["verdict"],
    ]
    now = answer["if_decayed_now"]
    if now["for_step"] > answer["at"]:
        lines.append(f"if decayed now, at step {now['for_step']:,}: {_interval(now)}")
    else:
        lines.append("its learning rate has decayed already")
    if "steps_to_target" in answer:
        to = answer["steps_to_target"]
        mid, low, high = (f"{to[k]:,}" if to[k] is not None else "not reached" for k in ("mid", "low", "high"))
        lines.append(f"steps to a loss of {to['target']:g}: {mid} (90 %: {low} to {high})")
    return "\n".join(lines)


def _interval(numbers: dict[str, Any]) -> str:
    return f"{numbers['mid']:.4f} (90 %: {numbers['low90']:.4f} to {numbers['high90']:.4f})"
