"""`barograph import`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._store import HERE, Url, bar, opened, say

SHOWN = 10  # files that are no logs, by name; a folder may hold thousands


def command(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Logs, or folders with logs in them.")],
    store: Url = HERE,
    project: Annotated[str, typer.Option(help="The project to put the runs into.")] = "",
    name: Annotated[str | None, typer.Option(help="The run's name, for one log (default: the file's).")] = None,
) -> None:
    """Imports logs: CSV, JSON lines, Hugging Face trainer_state.json. Doing it again adds only what is new."""
    from db import StoreError
    from db.importers import find, take_in

    sources, refused = find(paths)
    if name is not None and len(sources) != 1:
        raise typer.BadParameter(f"these paths hold {len(sources)} logs, a name is for one", param_hint="--name")
    failed = not sources
    if sources:
        with opened(store, create=True) as opened_store, bar() as progress:
            task = progress.add_task("importing", total=sum(source.size for source in sources))
            for source in sources:
                progress.update(task, description=source.name[:40])
                try:
                    meter = lambda size: progress.advance(task, size)  # noqa: E731
                    done = take_in(opened_store, source, name=name, project=project, meter=meter)
                    say(done.sentence)
                except StoreError as error:
                    failed = True
                    say(str(error), aside=True)
    for sentence in refused[:SHOWN]:
        say(sentence, aside=True)
    if len(refused) > SHOWN:
        say(f"and {len(refused) - SHOWN:,} more files that are no logs", aside=True)
    if not sources and not refused:
        say("these folders hold no files", aside=True)
    if failed:
        raise typer.Exit(1)
