"""A log that is still being written: each look at it takes in what has come since the last, and reads only that."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from ....errors import StoreError
from ...records import Run
from ...store import Store
from .batch import Batch
from .intake import Filling, Imported, stamp
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
        as_written: Callable[[Run], Run] = lambda run: run,
    ):
        self.source = source
        self._make = partial(Filling, store, source, name, project, columns, as_written)
        self._filling: Filling | None = None
        self._batches: Iterator[Batch | None] | None = None
        self._seen: list[list[int]] = []

    def look(self) -> Imported | None:
        """Takes in what is new; None where there is nothing. StoreError where the log cannot be read."""
        try:
            now = stamp(self._files())
            if now == self._seen:
                return None
            self._seen = now
            if self._filling is not None:
                self._filling.stamp = stamp(self.source.paths)
            try:
                return self._advance()
            except Replaced:
                self._filling = self._batches = None
                return self._advance()
        except (OSError, Replaced) as error:
            self._filling = self._batches = None
            self._seen = []
            why = getattr(error, "strerror", None) or "it was replaced while it was read"
            raise StoreError(f"{self.source.home}: cannot be read ({why})") from error

    def unchanged(self) -> Run | None:
        """The run that the log has filled before, where it has not changed since; then it is not read until it does."""
        found = self._make()
        self._seen = stamp(self._files()) if found.unchanged else []
        return found.known if found.unchanged else None

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
        filling = self._filling
        if filling is None or self._batches is None:
            filling, self._batches = self._make(), self.source.read(Follow())
            self._filling = filling
        for batch in self._batches:
            if batch is None:
                break
            filling.add(batch)
        else:
            self._batches = None  # this format is read anew
        return filling.end() if filling.points else None
