"""`barograph delete`."""

from __future__ import annotations

from typing import Annotated

import typer

from ...errors import StoreError
from ._store import HERE, Url, opened
from ._terminal import line, literal


def command(
    run: Annotated[str, typer.Argument(help="The run's id, or its name if no other run has it.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    store: Url = HERE,
) -> None:
    """Delete a run and everything it recorded. This cannot be undone."""
    with opened(store) as opened_store:
        found = opened_store.run(run)
        same = [other.id for other in opened_store.runs() if other.name == run and found.id != run]
        if len(same) > 1:
            raise StoreError(f"{len(same)} runs are called {run!r}; give the id of one: {', '.join(same)}")
        what = f"{literal(found.name)} ({found.id}, {found.state}, last step {found.last_step})"
        if not yes:
            typer.confirm(f"Delete {what} and everything it recorded?", abort=True)
        opened_store.delete(found.id)
        line(f"deleted {what}")
