"""The option --store and an open store, as every command has them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ...db import Store

Url = Annotated[
    str, typer.Option("--store", metavar="URL", envvar="BAROGRAPH_STORE", help="The store: a path, or sqlite:///PATH.")
]
HERE = "runs.db"


@contextlib.contextmanager
def opened(url: str, *, create: bool = False) -> Iterator[Store]:
    """The store, with what writers that died left behind taken in."""
    from ...db import Store

    store = Store(url, create=create)
    try:
        store.fold()
        yield store
    finally:
        store.close()
