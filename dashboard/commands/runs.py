"""`barograph runs`."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ._store import HERE, Url, ago, opened, plain, span

if TYPE_CHECKING:
    from ...db import Run, Store


def command(
    where: Annotated[
        str | None, typer.Option(help="Only runs for which this holds, e.g. 'final_loss < 3 and config_lr >= 1e-3'.")
    ] = None,
    store: Url = HERE,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, one object a run.")] = False,
) -> None:
    """Lists the runs, the newest first; `--where` takes any SQL condition on the columns of the view `runs`."""
    with opened(store) as opened_store:
        found = opened_store.runs()
        if where:
            from ..services.run_table import filtered

            found = filtered(opened_store, where)
        rows = [_row(opened_store, run) for run in found]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
    else:
        _print(rows, store)


def _row(store: Store, run: Run) -> dict[str, Any]:
    step, loss = store.latest(run.id).get("loss", (None, None))
    if loss is not None and not math.isfinite(loss):
        loss = str(loss)  # JSON has no NaN
    ended = run.ended or run.last_seen or run.started
    return {
        "id": run.id, "name": run.name, "project": run.project, "state": run.state, "step": run.last_step,
        "steps_planned": run.steps_planned, "loss": loss, "loss_step": step, "started": run.started,
        "seconds": max(ended - run.started, 0.0), "tags": list(run.tags),
    }  # fmt: skip


def _print(rows: list[dict[str, Any]], store: str) -> None:
    from rich.console import Console
    from rich.table import Table

    if not rows:
        typer.echo(f"no runs in {store} yet; start one with `barograph demo`, or import a log with `barograph import`")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("run", "id", "state"):
        table.add_column(name, overflow="fold")
    for name in ("step", "loss", "started", "took"):
        table.add_column(name, justify="right", no_wrap=True)
    colours = {"running": "green", "diverged": "red", "stopped": "yellow"}
    for row in rows:
        step = "-" if row["step"] is None else f"{row['step']:,}"
        if row["steps_planned"]:
            step += f" / {row['steps_planned']:,}"
        loss = "-" if row["loss"] is None else row["loss"] if isinstance(row["loss"], str) else f"{row['loss']:.4g}"
        state = plain(row["state"])
        state.stylize(colours.get(row["state"], ""))
        table.add_row(plain(row["name"]), row["id"], state, step, loss, ago(row["started"]), span(row["seconds"]))
    console = Console()
    if not console.is_terminal:
        console = Console(width=200)  # a pipe has no width to fit
    console.print(table)
