"""`barograph delete`."""

from __future__ import annotations

from typing import Annotated

import typer

from ...errors import StoreError
from ._store import HERE, Url, opened, plain, say


def command(
    run: Annotated[str, typer.Argument(help="The run's id, or its name where only one is called so.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    store: Url = HERE,
) -> None:
    """Removes a run and all that it recorded, for good."""
    with opened(store) as opened_store:
        found = opened_store.run(run)
        same = [other.id for other in opened_store.runs() if other.name == run and found.id != run]
        if len(same) > 1:
            raise StoreError(f"{len(same)} runs are called {run!r}; give the id of one: {', '.join(same)}")
        told = f"{plain(found.name)} ({found.id}, {found.state}, last step {found.last_step})"
        if not yes:
            typer.confirm(f"Delete {told} and all that it recorded?", abort=True)
        opened_store.delete(found.id)
        say(f"deleted {told}")
