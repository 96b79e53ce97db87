"""A log that is still being written: each look at it takes in what has come since the last, and reads only that."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from ..errors import StoreError
from ..store import Store
from .batch import Batch
from .intake import Filling, Imported
from .lines import Follow, Replaced
from .source import Source


class Following:
    """Follows one log from its beginning.

    Formats that grow at their end are read from where reading stopped; the others are read anew when their file has
    changed. A file that was cut, replaced or put back is read from its beginning: what the store holds already is not
    written again. A run that gets another file (a restart's, a new metric's) is another source: `find` again now and
    then, and follow that one instead.
    """

    def __init__(
        self,
        store: Store,
        source: Source,
        *,
        name: str | None = None,
        project: str = "",
        columns: Mapping[str, str] | None = None,
    ):
        self.source = source
        self._make = lambda: Filling(store, source, name, project, columns)
        self._filling: Filling | None = None
        self._batches: Iterator[Batch | None] | None = None
        self._seen: tuple = ()

    def look(self) -> Imported | None:
        """Takes in what is new; None where there is nothing. StoreError where the log cannot be read."""
        try:
            now = tuple((s.st_ino, s.st_size, s.st_mtime_ns) for s in map(os.stat, self._files()))
            if now == self._seen:
                return None
            self._seen = now
            try:
                return self._advance()
            except Replaced:
                self._filling = self._batches = None
                return self._advance()
        except (OSError, Replaced) as error:
            self._filling = self._batches = None
            self._seen = ()
            why = getattr(error, "strerror", None) or "it was replaced while it was read"
            raise StoreError(f"{self.source.home}: cannot be read ({why})") from error

    def close(self) -> None:
        """Lets go of the open file; a later look reads from the beginning, if the file has changed by then."""
        self._filling = self._batches = None

    def _files(self) -> Iterator[Path]:
        """The log's files, and what SQLite has not put into its file yet."""
        for path in self.source.paths:
            yield path
            log = path.with_name(path.name + "-wal")
            if hasattr(self.source.importer, "runs") and log.exists():
                yield log

    def _advance(self) -> Imported | None:
        if self._batches is None:
            self._filling, self._batches = self._make(), self.source.read(Follow())
        for batch in self._batches:
            if batch is None:
                break
            self._filling.add(batch)
        else:
            self._batches = None  # this format is read anew
        return self._filling.end() if self._filling.points else None
