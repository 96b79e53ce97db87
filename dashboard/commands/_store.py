"""The option --store and an open store, as every command has them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from ...errors import StoreError
from ._terminal import line

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
        try:
            store.fold()
        except StoreError as error:  # the store is full or locked: what is there can be read all the same
            line(str(error), err=True)
        yield store
    finally:
        store.close()
