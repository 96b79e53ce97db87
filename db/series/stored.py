"""The tiles of one series as they are read: what is damaged is noticed, and summed up anew from below or left out."""

from __future__ import annotations

import sqlite3
from typing import Any

import numpy as np

from ...errors import Damaged
from ..records import Hole
from . import pyramid
from .checksums import sound_tile
from .pyramid import BUCKET, BUCKETS, SIZES, TILE, Points

_ROWS = (
    "SELECT tile, n, first_step, last_step, low, high, mean, data, checksum FROM tiles "
    "WHERE series = ? AND level = ? AND tile BETWEEN ? AND ? ORDER BY tile"
)
_ENDS = "SELECT first_step, last_step FROM tiles WHERE series = ? AND level = 0 AND tile = ?"


class StoredTiles:
    """The tiles of a series inside one snapshot."""

    def __init__(self, cursor: sqlite3.Cursor, series: int | None):
        self._cursor, self._series = cursor, series
        self.damaged: set[int] = set()
        """The tiles of points that were asked for so far and cannot be read."""

    def points(self, first: int, last: int) -> Points:
        """The points of the tiles first..last, as far as they are whole."""
        return self.decoded(self.sound(0, first, last), first, last)

    def decoded(self, rows: list[tuple[Any, ...]], first: int, last: int) -> Points:
        """The points of `rows`, which are what is sound of the tiles first..last."""
        missing = set(range(first, last + 1)).difference(row[0] for row in rows) if len(rows) <= last - first else set()
        size, at = sum(row[1] for row in rows), 0
        steps, values = np.empty(size, np.int64), np.empty(size)
        for tile, n, step, *_, data, _ in rows:
            try:
                pyramid.decode_into((steps[at : at + n], values[at : at + n]), data, step)
                at += n
            except Damaged:
                missing.add(tile)
        self.damaged |= missing
        return steps[:at], values[:at]

    def buckets(self, level: int, first: int, end: int) -> np.ndarray:
        """The buckets [first, end) of a level; `n` is 0 in those of which nothing whole is left.

        A damaged roll-up is summed up anew from the level below it.
        """
        low, high = first // BUCKETS, (end - 1) // BUCKETS
        rows = self.sound(level, low, high)
        if len(rows) == high - low + 1:
            try:
                return pyramid.rolled(b"".join(row[7] for row in rows), first, end)
            except Damaged:  # older than checksums
                rows = []
        whole = {row[0]: row[7] for row in rows}
        parts = []
        for tile in range(low, high + 1):
            a, b = max(first, tile * BUCKETS), min(end, (tile + 1) * BUCKETS)
            try:
                parts.append(pyramid.rolled(whole.get(tile, b""), a, b))
            except Damaged:
                parts.append(self._from_below(level, a, b))
        return np.concatenate(parts)

    def _from_below(self, level: int, first: int, end: int) -> np.ndarray:
        """The buckets [first, end) of a level, summed up from what the level below it has."""
        if level > 1:
            group = SIZES[level] // SIZES[level - 1]
            return pyramid.coarser(self.buckets(level - 1, first * group, end * group), group)
        out = np.zeros(end - first, BUCKET)
        share = TILE // SIZES[1]
        for tile in range(first // share, (end - 1) // share + 1):
            steps, values = self.points(tile, tile)
            if len(steps) == TILE:
                found = pyramid.gather(steps, values, np.arange(0, TILE, SIZES[1]))
                a, b = max(first, tile * share), min(end, (tile + 1) * share)
                out[a - first : b - first] = found[a - tile * share : b - tile * share]
        return out

    def holes(self, n: int, first: int, last: int) -> list[Hole]:
        """Where the damaged tiles of points lie, in a series of `n` points from step `first` to `last`."""
        found = []
        damaged = np.array(sorted(self.damaged), np.int64)
        for tiles in np.split(damaged, np.flatnonzero(np.diff(damaged) > 1) + 1) if self.damaged else ():
            a, b = int(tiles[0]), int(tiles[-1])
            before, after = (self._cursor.execute(_ENDS, (self._series, at)).fetchone() for at in (a - 1, b + 1))
            steps = before[1] + 1 if before else first, after[0] - 1 if after else last
            found.append(Hole(*steps, min((b + 1) * TILE, n) - a * TILE))
        return found

    def sound(self, level: int, first: int, last: int) -> list[tuple[Any, ...]]:
        """The tiles first..last of a level that are as they were written, as (tile, n, first_step, ..., checksum)."""
        rows = self._cursor.execute(_ROWS, (self._series, level, first, last))
        found = [row for row in rows if self._series is not None and sound_tile(self._series, level, row)]
        return found if level else [row for row in found if 0 < row[1] <= TILE]
