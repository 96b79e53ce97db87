"""`barograph repair`."""

from __future__ import annotations

from typing import Annotated

import typer

from ._store import HERE
from ._terminal import line


def command(
    store: Annotated[
        str, typer.Argument(metavar="STORE", envvar="BAROGRAPH_STORE", help="The store: a path, or sqlite:///PATH.")
    ] = HERE,
    secrets: Annotated[
        bool, typer.Option("--secrets", help="Mask the secrets that it holds, instead of looking for damage.")
    ] = False,
) -> None:
    """Repair a damaged store: keep what is whole, and print what was done and what is lost.

    Points in a damaged part are lost but for the lowest and the highest of every 32, which the roll-ups hold; the
    timeline of the run says so. A file that SQLite itself finds damaged is read into a new one and stays beside it.
    """
    from ...db.places.paths import store_path
    from ...db.repair import repair
    from ...db.stored_secrets import mask_stored

    done = mask_stored(store_path(store)) if secrets else repair(store_path(store))
    for sentence in done:
        line(f"masked: {sentence}" if secrets else sentence)
    if not done:
        line("nothing to repair")
