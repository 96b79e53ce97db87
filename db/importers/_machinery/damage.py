"""What could not be read of a log, in a clause: what lies behind the last good row, and what lies in between."""

from __future__ import annotations

from collections.abc import Iterable


class Damage:
    """Places in one file that are no rows, counted so that any number of them needs the same memory."""

    def __init__(self, unit: str = "line", file: str = ""):
        self.count = 0
        self._unit, self._file = unit, file
        self._first: int | None = None  # of all
        self._tail: int | None = None  # the first behind the last good row
        self._behind = 0

    def note(self, unread: Iterable[int], last_good: int | None) -> None:
        """`unread` places of some consecutive rows, the last good one of which is at `last_good` (None: none is)."""
        if last_good is not None:
            self._tail, self._behind = None, 0
        for place in unread:
            self.count += 1
            self._first = place if self._first is None else min(self._first, place)
            if last_good is None or place > last_good:
                self._behind += 1
                self._tail = place if self._tail is None else min(self._tail, place)

    def __str__(self) -> str:
        words, between, where = [], self.count - self._behind, f" of {self._file}" if self._file else ""
        if between:
            first, rows = f"{self._unit} {self._first}", "lines" if self._unit == "line" else "records"
            which = first if between == 1 else f"{between:,} {rows}, from {first} on,"
            words.append(f"{which}{where} could not be read")
        if self._tail is not None:
            words.append(f"reading{where} stopped at {self._unit} {self._tail}")
        return "; ".join(words)
