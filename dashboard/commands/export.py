"""`barograph export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._store import HERE, Url, bar, opened, say


def command(
    run: Annotated[str, typer.Argument(help="The run's name or id.")],
    csv: Annotated[Path | None, typer.Option("--csv", metavar="PATH", help="Write CSV here.")] = None,
    parquet: Annotated[Path | None, typer.Option("--parquet", metavar="PATH", help="Write Parquet here.")] = None,
    signals: Annotated[list[str] | None, typer.Option("--signal", help="Only this signal; may be repeated.")] = None,
    store: Url = HERE,
) -> None:
    """Writes a run as a table: a row a step, a column a series, the cell empty where nothing was recorded."""
    if csv is None and parquet is None:
        raise typer.BadParameter("say where to: --csv PATH or --parquet PATH")
    from db.export import Table, to_csv, to_parquet

    with opened(store) as opened_store:
        table = Table(opened_store, opened_store.run(run), signals or ())
        for path, write in ((csv, to_csv), (parquet, to_parquet)):
            if path is not None:
                with bar() as progress:
                    task = progress.add_task(path.name[:40], total=table.points)
                    write(table, path, lambda points: progress.advance(task, points))  # noqa: B023
                say(f"{path}: {table.points:,} points of {len(table.names)} series")
