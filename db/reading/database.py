"""One store's file with the journals beside it: the connection that every part of `Store` is given."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, Engine

from ...errors import StoreError
from ..journal.tail import Mark, Tail
from ..journal.unfolded import Unfolded
from ..places.file_system import full
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
        self._create, self._readonly = create, readonly
        self._opening = threading.Lock()
        self._engine = engines.open_engine(path, create=create, readonly=readonly)
        self._identity, self._was_full = self.identity(), full(path)
        self.tail = Tail(journals or journal_folder(path))

    @property
    def engine(self) -> Engine:
        """The engine on the file that is at the path now: one that was deleted or replaced is not read on.

        What was opened on a full disk is opened once more when there is room again.
        StoreError where there is none any more; journals that wait for one begin a new one, as writers do.
        """
        if self._identity != self.identity() or (self._was_full and not full(self.path)):
            with self._opening:
                now = self.identity()
                if now is None and not (self._create and self.tail.files()):
                    raise StoreError(f"the store {self.path} is gone: it was deleted or moved; put it back to see it")
                if now is None or now != self._identity or (self._was_full and not full(self.path)):
                    before = self._engine
                    self._engine = engines.open_engine(self.path, create=self._create, readonly=self._readonly)
                    self.tail = Tail(self.tail.folder)  # how far its journals are folded is the new file's to say
                    self._identity, self._was_full = self.identity(), full(self.path)
                    before.dispose()
        return self._engine

    def identity(self) -> tuple[int, int] | None:
        """Which file is at the path; None where there is none."""
        try:
            found = os.stat(self.path)
        except OSError:
            return None
        return found.st_dev, found.st_ino

    @property
    def readonly(self) -> bool:
        return self._engine.url.query.get("mode") == "ro"

    def close(self) -> None:
        self._engine.dispose()

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
                tail = self.tail
                with tail.lock:
                    files = tail.files()
                    marks = {row[0]: Mark(*row[1:]) for row in connection.exec_driver_sql(_MARKS)}
                    try:
                        unfolded = tail.refresh(files, marks, strict=not last_try)
                        break
                    except FileNotFoundError:  # folded and deleted in between: a new look sees it in the tables
                        connection.close()
            yield Snapshot(connection, unfolded)

    def version(self, run: str | None = None) -> Version:
        """Changes when anything of the run (None: of any run) was written; costs a few file statuses, reads no data."""
        stamps: list[tuple[int, int, int] | None] = []
        for suffix in ("", "-wal"):
            try:
                found = os.stat(f"{self.path}{suffix}")
                stamps.append((found.st_ino, found.st_size, found.st_mtime_ns))
            except FileNotFoundError:
                stamps.append(None)
        return (*stamps, self.tail.sizes(run))
