"""`barograph report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._comparison import Axis, Better, Names, Reference, Signal, Target, Where, compared
from ._store import HERE, Url, opened
from ._terminal import line


def command(
    out: Annotated[
        Path, typer.Option("--out", help="The file; its ending sets the format: html, png, svg, csv or parquet.")
    ],
    runs: Names = None,
    where: Where = None,
    signal: Signal = None,
    axis: Axis = "step",
    reference: Reference = None,
    target: Target = None,
    better: Better = None,
    group: Annotated[str, typer.Option(help="A key of the configuration: draw the mean of each of its values.")] = "",
    store: Url = HERE,
) -> None:
    """Write a comparison of runs to a file: interactive HTML that needs no server, a picture, or its table."""
    from ..services.comparison.report import KINDS, rendered

    kind = out.suffix.lower()[1:]
    if kind not in KINDS:
        expected = ", ".join(f".{name}" for name in KINDS)
        raise typer.BadParameter(f"{out.name}: expected a name that ends in {expected}", param_hint="--out")
    with opened(store) as opened_store:
        found = compared(opened_store, runs, where, signal, axis, reference, target, better)
        out.write_bytes(rendered(opened_store, found, kind, group=group))
    line(f"{out}: {len(found.results)} runs")
