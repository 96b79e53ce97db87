"""`barograph forecast`."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...errors import StoreError
from ._store import HERE, Url, opened

if TYPE_CHECKING:
    from ..analysis.forecasting import Forecast, Schedule
    from ..services.run_forecast import RunForecast


def command(
    run: Annotated[str, typer.Argument(help="The run's name or id.")],
    at: Annotated[int | None, typer.Option(help="As if only the steps up to here had been seen.")] = None,
    schedule: Annotated[
        Path | None, typer.Option(help="A CSV with columns step,lr: the learning rate to come.")
    ] = None,
    target: Annotated[float | None, typer.Option(help="How many steps until this loss?")] = None,
    store: Url = HERE,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Forecasts the final loss of a run, with its interval, under its plan or another schedule."""
    from ..analysis.forecasting.questions import if_decayed_now, steps_to
    from ..services.forecasts import Forecasts

    with opened(store) as opened_store:
        outlook = Forecasts(opened_store).of(opened_store.run(run).id, at=at)
    made = outlook.forecast
    answer = {
        "run": outlook.run,
        "signal": outlook.signal,
        **_numbers(made),
        "evidence": made.evidence,
        "law": made.law,
    }
    answer |= {"schedule": outlook.origin if made.verdict.refused or schedule is None else str(schedule)}
    if not made.verdict.refused:
        try:
            if schedule is not None:
                answer |= _numbers(made.under(_read(schedule, outlook)))
            answer["if_decayed_now"] = _numbers(if_decayed_now(made, outlook.schedule.upto(made.at)))
            if target is not None:
                found = steps_to(made, outlook.schedule, target)
                answer["steps_to_target"] = {"target": target} | {
                    key: int(steps) if math.isfinite(steps) else None
                    for key, steps in (("low", found.low), ("mid", found.mid), ("high", found.high))
                }
        except ValueError as error:
            raise StoreError(str(error)) from error
    typer.echo(json.dumps(answer, indent=2) if as_json else _sentences(answer))


def _numbers(made: Forecast) -> dict[str, Any]:
    names = ("mid", "low50", "high50", "low90", "high90")
    return {"at": made.at, "for_step": made.for_step, "verdict": made.verdict.value} | {
        n: getattr(made, n) for n in names
    }


def _read(path: Path, outlook: RunForecast) -> Schedule:
    """The past as it was, then the file's learning rate. ValueError names the line that cannot be used."""
    from ..analysis.forecasting.futures import piecewise

    if not path.is_file():
        raise ValueError(f"no file {path}; expected a CSV with columns step,lr")
    steps, rates = [], []
    with open(path, newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            try:
                steps.append(int(float(row["step"])))
                rates.append(float(row["lr"]))
            except (KeyError, TypeError, ValueError):
                raise ValueError(f"{path}, line {line}: expected numbers in the columns step and lr") from None
    return piecewise(outlook.schedule, outlook.forecast.at, steps, rates)


def _sentences(answer: dict[str, Any]) -> str:
    if answer["mid"] is None:
        return f"{answer['verdict']} ({answer['schedule']})" if answer["schedule"] else answer["verdict"]
    lines = [
        f"{answer['signal']} at step {answer['for_step']:,}: {_interval(answer)}, seen up to step {answer['at']:,}",
        f"{answer['evidence']}; schedule: {answer['schedule']}",
        answer["verdict"],
    ]
    now = answer["if_decayed_now"]
    lines.append(f"if decayed now, at step {now['for_step']:,}: {_interval(now)}")
    if "steps_to_target" in answer:
        to = answer["steps_to_target"]
        mid, low, high = (f"{to[k]:,}" if to[k] is not None else "not reached" for k in ("mid", "low", "high"))
        lines.append(f"steps to a loss of {to['target']:g}: {mid} (90 %: {low} to {high})")
    return "\n".join(lines)


def _interval(made: dict[str, Any]) -> str:
    return f"{made['mid']:.4f} (90 %: {made['low90']:.4f} to {made['high90']:.4f})"
