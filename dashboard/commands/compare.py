"""`barograph compare`."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...errors import StoreError
from ._store import HERE, Url, opened, plain, say

if TYPE_CHECKING:
    from ...db import Store
    from ...interval import Interval
    from ..services.comparison.compare import Comparison, Line


Names = Annotated[list[str] | None, typer.Argument(help="Names or ids of the runs.")]
Where = Annotated[str | None, typer.Option(help="Runs for which this SQL condition holds, e.g. 'final_loss < 3'.")]
Signal = Annotated[str | None, typer.Option(help="What to compare; default: val_loss where all have it.")]
Axis = Annotated[str, typer.Option(help="step, tokens, time, flops or epoch: what a target's way is counted in.")]
Reference = Annotated[str | None, typer.Option(help="The run to compare with; default: the first.")]
Target = Annotated[float | None, typer.Option(help="The loss to reach; default: the reference's end.")]


def command(
    runs: Names = None,
    where: Where = None,
    signal: Signal = None,
    axis: Axis = "step",
    reference: Reference = None,
    target: Target = None,
    store: Url = HERE,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Compares runs: where they ended, what is beyond noise, how soon they reached a loss, what they differ in."""
    with opened(store) as opened_store:
        found = comparison(opened_store, runs, where, signal, axis, reference, target)
    if as_json:
        typer.echo(json.dumps(answer(found), indent=2, ensure_ascii=False, allow_nan=False, default=str))
    else:
        _tell(found)


def comparison(store: Store, runs, where, signal, axis, reference, target) -> Comparison:
    """What the options ask for. StoreError says what cannot be compared."""
    from ..services.comparison.compare import compare
    from ..services.run_table import filtered

    if bool(runs) == bool(where):
        raise typer.BadParameter("say which runs: names or ids, or --where CONDITION")
    chosen = filtered(store, where) if where else [store.run(name) for name in dict.fromkeys(runs)]
    held = store.run(reference) if reference else None
    if held is not None and held.id not in {run.id for run in chosen}:
        chosen = [held, *chosen]
    try:
        return compare(store, chosen, signal=signal, axis=axis, reference=held.id if held else None, target=target)
    except ValueError as error:
        raise StoreError(str(error)) from error


def answer(found: Comparison) -> dict[str, Any]:
    """A comparison as JSON has it; what is not known is null."""
    names = [line.run.id for line in found.lines]
    return {
        "signal": found.signal,
        "unit": found.unit,
        "better": found.better,
        "axis": found.axis,
        "reference": found.reference,
        "target": _plain(found.target),
        "runs": [_line(line) for line in found.lines],
        "seed_noise": None if found.seeds is None else {"sd": found.seeds.sd, "dof": found.seeds.dof},
        "config": {k: dict(zip(names, map(_json, values), strict=True)) for k, values in found.config.items()},
        "told": list(found.told),
    }


def _line(line: Line) -> dict[str, Any]:
    end, against = line.end, line.difference
    return {
        "run": line.run.id,
        "name": line.run.name,
        "state": line.run.state,
        "steps": line.run.last_step,
        "final": None if end is None else _plain(end.value),
        "final_error": None if end is None else _plain(end.error),
        "best": _plain(line.best),
        "difference": None if against is None else {**_numbers(against.value, "value"), "said": against.verdict},
        "to_target": None if line.reach is None else _numbers(line.reach),
        "speedup": None if line.speedup is None else _numbers(line.speedup),
        "lr_left": _plain(line.lr_left),
        "not_finite": line.bad,
        "said": line.said,
    }


def _numbers(found: Interval, mid: str = "mid") -> dict[str, float | None]:
    return {mid: _plain(found.mid), "low": _plain(found.low), "high": _plain(found.high)}


def _plain(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value


def _json(value: Any) -> Any:
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _tell(found: Comparison) -> None:
    from rich.console import Console
    from rich.table import Table

    from ...formatting import number
    from ..services.comparison.compare import span

    unit = f" ({found.unit})" if found.unit else ""
    table = Table(title=f"{found.signal}{unit}", box=None, title_justify="left")
    for head in (
        "run",
        "state",
        "final",
        "difference, 90 %",
        "",
        f"{found.axis} to {number(found.target, 5)}",
        "speed-up",
    ):
        table.add_column(head)
    for line in found.lines:
        end, against = line.end, line.difference
        table.add_row(
            plain(line.run.name[:60]),
            line.run.state,
            "–" if end is None else f"{end.value:.4f} ± {end.error:.4f}",
            "reference"
            if line.run.id == found.reference
            else "–"
            if against is None
            else against.value.text("{:+.4f}".format),
            against.verdict if against else plain(line.said),
            span(line.reach),
            span(line.speedup),
        )
    console = Console()
    (console if console.is_terminal else Console(width=200)).print(table)  # a pipe has no width to fit
    for key, values in found.config.items():
        say(f"  {key[:60]}: {', '.join(str(v)[:40] for v in values)}")
    for sentence in found.told:
        say(sentence, aside=True)
