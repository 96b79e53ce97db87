"""`barograph import`."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...errors import StoreError
from ._store import HERE, Url, opened
from ._terminal import bar, line, literal

if TYPE_CHECKING:
    from ...db.importers import Source

SHOWN = 10  # files that are no logs, by name; a folder may hold thousands


def command(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Logs, or folders with logs in them.")],
    store: Url = HERE,
    project: Annotated[str, typer.Option(help="The project to put the runs into.")] = "",
    name: Annotated[str | None, typer.Option(help="The run's name, for one log (default: the file's).")] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN=NAME", help="What a column holds, e.g. my_eta=lr or i=step."),
    ] = None,
    look: Annotated[bool, typer.Option("--look", help="Print what each column would become, import nothing.")] = False,
) -> None:
    """Import logs of other tools; importing again adds only what is new.

    Formats: TensorBoard, W&B, MLflow, Trackio, Lightning, trainer_state.json, CSV, Parquet, JSON lines, and what
    nanoGPT, modded-nanogpt, llm.c, Megatron-LM and torchtitan print.
    """
    from ...db.importers import find, take_in

    pairs = [pair.rpartition("=") for pair in column or []]
    if any(not before or not after for before, _, after in pairs):
        raise typer.BadParameter("expected COLUMN=NAME, e.g. my_eta=lr", param_hint="--column")
    columns = {before: after for before, _, after in pairs}
    sources, refused = find(paths)
    if name is not None and len(sources) != 1:
        raise typer.BadParameter(f"these paths hold {len(sources)} logs; a name is for one log", param_hint="--name")
    failed = not sources
    if look:
        for source in sources:
            _show(source)
    elif sources:
        with opened(store, create=True) as opened_store, bar() as progress:
            task = progress.add_task("importing", total=sum(source.size for source in sources))
            for source in sources:
                progress.update(task, description=source.name[:40])
                try:
                    done = take_in(
                        opened_store, source, name=name, project=project, columns=columns,
                        meter=functools.partial(progress.advance, task),
                    )  # fmt: skip
                    line(done.sentence)
                except StoreError as error:
                    failed = True
                    line(str(error), err=True)
    for sentence in refused[:SHOWN]:
        line(sentence, err=True)
    if len(refused) > SHOWN:
        line(f"and {len(refused) - SHOWN:,} more files that are no logs", err=True)
    if not sources and not refused:
        line("these folders hold no files", err=True)
    if failed:
        raise typer.Exit(1)


def _show(source: Source) -> None:
    """What an import would make of a log."""
    from ...db.importers import preview

    try:
        found = preview(source)
    except StoreError as error:
        line(str(error), err=True)
        return
    line(f"{source.home}: run {source.name} ({source.importer.FORMAT})")
    if found.step:
        line(f"  {literal(found.step).plain} -> step")
    for column, key in found.keys.items():
        line(f"  {literal(column).plain} -> {key if isinstance(key, str) else '/'.join(key)}")
    if found.missing:
        line(f"  without {', '.join(found.missing)}")
