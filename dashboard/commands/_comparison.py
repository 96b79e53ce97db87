"""The options of the commands that compare runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ...db import Store
    from ..services.comparison.result import Comparison

Names = Annotated[list[str] | None, typer.Argument(help="Names or ids of the runs.")]
Where = Annotated[
    str | None, typer.Option(help="Compare the runs that match this SQL condition, e.g. 'final_loss < 3'.")
]
Signal = Annotated[str | None, typer.Option(help="What to compare (default: val_loss if all runs have it, else loss).")]
Axis = Annotated[
    str, typer.Option(help="What the way to the target is measured in: step, tokens, time, flops or epoch.")
]
Reference = Annotated[str | None, typer.Option(help="The run to compare with (default: the first).")]
Better = Annotated[
    str | None, typer.Option(help="Which way of the signal is better, lower or higher (default: as it is known).")
]
Target = Annotated[float | None, typer.Option(help="The loss to reach (default: where the reference ended).")]


def compared(
    store: Store,
    runs: list[str] | None,
    where: str | None,
    signal: str | None,
    axis: str,
    reference: str | None,
    target: float | None,
    better: str | None = None,
) -> Comparison:
    """The comparison that the options ask for."""
    from ..services.comparison.selection import compare_named

    if bool(runs) == bool(where):
        raise typer.BadParameter("which runs? Give names or ids, or --where CONDITION")
    return compare_named(
        store, runs or [], where, signal=signal, axis=axis, reference=reference, target=target, better=better
    )
