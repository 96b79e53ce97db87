"""`barograph report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._store import HERE, Url, opened, say
from .compare import Axis, Names, Reference, Signal, Target, Where, comparison

KINDS = (".html", ".png", ".svg", ".csv", ".parquet")


def command(
    out: Annotated[Path, typer.Option("--out", help="The file; its ending says what: html, png, svg, csv or parquet.")],
    runs: Names = None,
    where: Where = None,
    signal: Signal = None,
    axis: Axis = "step",
    reference: Reference = None,
    target: Target = None,
    group: Annotated[str, typer.Option(help="A key of the configuration: draw the mean of each of its values.")] = "",
    store: Url = HERE,
) -> None:
    """Writes a comparison of runs as a file: interactive HTML that needs no server, a picture, or its table."""
    from ..charts.look import Look
    from ..services import frames
    from ..services.comparison import report as beside

    kind = out.suffix.lower()
    if kind not in KINDS:
        raise typer.BadParameter(f"{out.name}: expected a name that ends in {', '.join(KINDS)}", param_hint="--out")
    with opened(store) as opened_store:
        found = comparison(opened_store, runs, where, signal, axis, reference, target)
        line = lambda view, name: frames.line(opened_store, view, name)  # noqa: E731
        shown = beside.Shown(frames.View("", axis), group)
        panels, data = beside.chart(opened_store, line, found, shown, Look(axis))
    out.write_bytes(beside.saved(found, panels, data, kind[1:]))
    say(f"{out}: {len(found.lines)} runs")
