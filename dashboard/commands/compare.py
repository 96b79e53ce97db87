"""`barograph compare`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ._comparison import Axis, Better, Names, Reference, Signal, Target, Where, compared
from ._store import HERE, Url, opened
from ._terminal import finite, line, literal, print_json, print_table

if TYPE_CHECKING:
    from ...interval import Interval
    from ..services.comparison.result import Comparison, Result


def command(
    runs: Names = None,
    where: Where = None,
    signal: Signal = None,
    axis: Axis = "step",
    reference: Reference = None,
    target: Target = None,
    better: Better = None,
    store: Url = HERE,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compare runs: final losses beyond noise, how soon a loss was reached, differences of the configurations."""
    with opened(store) as opened_store:
        found = compared(opened_store, runs, where, signal, axis, reference, target, better)
    if as_json:
        print_json(_answer(found))
    else:
        _print(found)


def _answer(found: Comparison) -> dict[str, Any]:
    """A comparison as JSON has it; what is not known is null."""
    ids = [one.run.id for one in found.results]
    return {
        "signal": found.signal,
        "unit": found.unit,
        "better": found.better,
        "axis": found.axis,
        "reference": found.reference,
        "target": finite(found.target),
        "runs": [_result(one) for one in found.results],
        "seed_noise": None if found.seeds is None else {"sd": found.seeds.sd, "dof": found.seeds.dof},
        "config": {k: dict(zip(ids, map(_value, values), strict=True)) for k, values in found.config.items()},
        "told": list(found.notes),
    }


def _result(one: Result) -> dict[str, Any]:
    final, against = one.final, one.difference
    said = f"not ranked: {one.unranked.value}" if one.unranked else against and against.verdict
    return {
        "run": one.run.id,
        "name": one.run.name,
        "state": one.run.state,
        "steps": one.run.last_step,
        "final": None if final is None else finite(final.value),
        "final_error": None if final is None else finite(final.error),
        "best": finite(one.best),
        "difference": None if against is None else {**_numbers(against.value, "value"), "said": said},
        "to_target": None if one.to_target is None else _numbers(one.to_target),
        "speedup": None if one.speedup is None else _numbers(one.speedup),
        "lr_left": finite(one.lr_fraction),
        "not_finite": one.not_finite,
        "said": one.problem,
    }


def _numbers(found: Interval, mid: str = "mid") -> dict[str, float | None]:
    return {mid: finite(found.mid), "low": finite(found.low), "high": finite(found.high)}


def _value(value: Any) -> Any:
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _print(found: Comparison) -> None:
    from rich.table import Table

    from ...formatting import number
    from ..services.comparison.result import ending_text, interval_text, verdict

    unit = f" ({found.unit})" if found.unit else ""
    table = Table(title=f"{found.signal}{unit}", box=None, title_justify="left")
    goal = f"{found.axis} to {number(found.target, 5)}"
    for heading in ("run", "state", "final", "difference, 90 %", "verdict", goal, "speed-up"):
        table.add_column(heading)
    for one in found.results:
        final, against, is_reference = one.final, one.difference, one.run.id == found.reference
        table.add_row(
            literal(one.run.name[:60]),
            one.run.state,
            "–" if final is None else ending_text(final),
            "–" if against is None else against.value.text("{:+.4f}".format, beyond="?"),
            "reference" if is_reference else verdict(found, one) or literal(one.problem),
            interval_text(one.to_target),
            interval_text(one.speedup),
        )
    print_table(table)
    for key, values in found.config.items():
        line(f"  {key[:60]}: {', '.join(str(value)[:40] for value in values)}")
    for note in found.notes:
        line(note, err=True)
