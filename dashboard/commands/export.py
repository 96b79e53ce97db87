"""`barograph export`."""

from __future__ import annotations

import contextlib
import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ._store import HERE, Url, opened
from ._terminal import bar, line

if TYPE_CHECKING:
    from ...db import Run


def command(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="The runs' names or ids.")],
    tensorboard: Annotated[
        Path | None, typer.Option("--tensorboard", metavar="DIR", help="Write event files to this folder.")
    ] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="PATH", help="Write CSV, and its notes to a file beside it.")
    ] = None,
    parquet: Annotated[Path | None, typer.Option("--parquet", metavar="PATH", help="Write Parquet.")] = None,
    jsonl: Annotated[Path | None, typer.Option("--jsonl", metavar="PATH", help="Write JSON lines.")] = None,
    signals: Annotated[list[str] | None, typer.Option("--signal", help="Only this signal; may be repeated.")] = None,
    store: Url = HERE,
) -> None:
    """Export runs for other tools: event files, CSV, Parquet or JSON lines.

    Every point is written as it is, one row a step where the format is a table. PATH is a file, or a folder for several
    runs. `barograph import` reads it back: the same series, configuration and events.
    """
    if not any((tensorboard, csv, parquet, jsonl)):
        raise typer.BadParameter("where to? Give --tensorboard DIR, --csv PATH, --parquet PATH or --jsonl PATH")
    from ...db.export.event_file import to_tensorboard
    from ...db.export.table import Table, to_csv, to_jsonl, to_parquet

    formats = ((tensorboard, "", to_tensorboard), (csv, ".csv", to_csv), (parquet, ".parquet", to_parquet),
               (jsonl, ".jsonl", to_jsonl))  # fmt: skip
    with opened(store) as opened_store:
        chosen = list({(run := opened_store.run(name)).id: run for name in runs}.values())
        names = _file_names(chosen)
        for run in chosen:
            table = Table(opened_store, run, signals or ())
            for path, ending, write in formats:
                if path is not None:
                    place = _place(path, names[run.id] + ending, several=len(chosen) > 1, folder=not ending)
                    with bar() as progress:
                        task = progress.add_task(place.name[:40], total=table.points)
                        write(table, place, functools.partial(progress.advance, task))
                    line(f"{place}: {table.points:,} points of {len(table.names)} series")


def _place(path: Path, name: str, *, several: bool, folder: bool) -> Path:
    """Where one run goes: `path` itself, or its own name in the folder that `path` is."""
    if several:
        with contextlib.suppress(OSError):  # the writer reports what is wrong
            path.mkdir(parents=True, exist_ok=True)
    return path / name if several or (path.is_dir() and not folder) else path


def _file_names(runs: list[Run]) -> dict[str, str]:
    """A name of a file for each run's id: the run's own as far as a file may be called so, each another."""
    found: dict[str, str] = {}
    for run in runs:
        name = re.sub(r"[^\w.-]+", "_", run.name).strip("._")[:80] or "run"
        unique, n = name, 1
        while unique.lower() in (other.lower() for other in found.values()):
            n += 1
            unique = f"{name}-{n}"
        found[run.id] = unique
    return found
