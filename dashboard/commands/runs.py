"""`barograph runs`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...errors import StoreError
from ._store import HERE, Url, opened
from ._terminal import ago, line, literal, print_json, print_table

if TYPE_CHECKING:
    from ...db import Run, Store

COLOURS = {"running": "green", "diverged": "red", "stopped": "yellow", "killed": "red", "lost": "red"}


def command(
    where: Annotated[
        str | None,
        typer.Option(help="Only the runs that match this, e.g. cosine, or 'final_loss < 3 and lr >= 1e-3'."),
    ] = None,
    store: Url = HERE,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one object a run.")] = False,
) -> None:
    """List the runs, newest first; `--where` takes words, or an SQL condition on the columns of the view `runs`."""
    with opened(store) as opened_store:
        if where:
            from ..services.run_table import filtered

            found = filtered(opened_store, where)
        else:
            found = opened_store.runs()
        rows = [_row(opened_store, run) for run in found]
    for row in rows:
        if row["problem"]:
            line(f"{literal(row['name'])}: {row['problem']}", err=True)
    if as_json:
        print_json(rows)
    elif rows:
        _print(rows)
    elif where:
        line(f"no run in {store} matches {where}")
    else:
        line(f"no runs in {store} yet; start one with `barograph demo`, or import a log with `barograph import`")


def _row(store: Store, run: Run) -> dict[str, Any]:
    problem = run.problem
    step: int | None = None
    loss: float | None = None
    try:
        step, loss = store.latest(run.id).get("loss", (None, None))
    except StoreError as error:  # one damaged run must not hide the others
        problem = str(error)
    ended = run.ended or run.last_seen or run.started
    return {
        "id": run.id,
        "name": run.name,
        "project": run.project,
        "state": run.state,
        "step": run.last_step,
        "steps_planned": run.steps_planned,
        "loss": loss if loss is None or math.isfinite(loss) else str(loss),  # JSON has no NaN
        "loss_step": step,
        "started": run.started,
        "seconds": max(ended - run.started, 0.0),
        "tags": list(run.tags),
        "problem": problem,
    }


def _print(rows: list[dict[str, Any]]) -> None:
    from rich.table import Table

    from ...formatting import duration

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("run", "id", "state"):
        table.add_column(heading, overflow="fold")
    for heading in ("step", "loss", "started", "duration"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        step = "-" if row["step"] is None else f"{row['step']:,}"
        if row["steps_planned"]:
            step += f" / {row['steps_planned']:,}"
        loss = "-" if row["loss"] is None else row["loss"] if isinstance(row["loss"], str) else f"{row['loss']:.4g}"
        state = literal(row["state"])
        state.stylize(COLOURS.get(row["state"], ""))
        started, took = ago(row["started"]), duration(row["seconds"])
        table.add_row(literal(row["name"]), row["id"], state, step, loss, started, took)
    print_table(table)
