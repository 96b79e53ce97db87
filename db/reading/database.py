"""One store's file with the journals beside it: the connection that every part of `Store` is given."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, text

from ..journal.tail import Mark, Tail
from ..journal.unfolded import Unfolded
from ..places.paths import journal_folder
from ..tables import engine as engines

Version = tuple[object, ...]
_MARKS = "SELECT name, folded, state, retired FROM journals"


class Snapshot(NamedTuple):
    """The tables and the journals' unfolded rest as they were at one moment."""

    connection: Connection
    unfolded: Unfolded


class Database:
    """An engine on the tables and a reader of the journals; safe to share between threads."""

    def __init__(self, path: Path, *, create: bool = True, readonly: bool = False, journals: Path | None = None):
        self.path = path
        self.engine = engines.open_engine(path, create=create, readonly=readonly)
        self.tail = Tail(journals or journal_folder(path))

    @property
    def readonly(self) -> bool:
        return self.engine.url.query.get("mode") == "ro"

    def close(self) -> None:
        self.engine.dispose()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to the tables alone."""
        with engines.explained(self.path), self.engine.connect() as connection:
            yield connection

    def writing(self) -> contextlib.AbstractContextManager[Connection]:
        """A write transaction on the tables."""
        return engines.writing(self.engine)

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """The tables and the journals' unfolded rest that belong to one moment."""
        with engines.explained(self.path), contextlib.ExitStack() as stack:
            for last_try in (False, False, False, True):
                connection = stack.enter_context(self.engine.connect())
                with self.tail.lock:
                    files = self.tail.files()
                    marks = {row[0]: Mark(*row[1:]) for row in connection.execute(text(_MARKS))}
                    try:
                        unfolded = self.tail.refresh(files, marks, strict=not last_try)
                        break
                    except FileNotFoundError:  # folded and deleted in between: a new look sees it in the tables
                        connection.close()
            yield Snapshot(connection, unfolded)

    def version(self, run: str | None = None) -> Version:
        """Changes when anything of the run (None: of any run) was written; costs a few file statuses, reads no data."""
        stamps: list[tuple[int, int] | None] = []
        for suffix in ("", "-wal"):
            try:
                found = os.stat(f"{self.path}{suffix}")
                stamps.append((found.st_size, found.st_mtime_ns))
            except FileNotFoundError:
                stamps.append(None)
        return (*stamps, self.tail.sizes(run))
