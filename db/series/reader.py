"""Reads any range of one series at any width: stored tiles and the points that are not stored yet as one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sqlalchemy import Connection

from ...keys import SeriesKey
from ..tables.engine import dbapi_cursor
from . import pyramid
from .keys import to_columns
from .lineage import FAR, Piece
from .pyramid import BUCKET, BUCKETS, SIZES, TILE, Points

_TILES = (
    "SELECT tile, n, first_step, data FROM tiles WHERE series = ? AND level = 0 AND tile BETWEEN ? AND ? ORDER BY tile"
)
_ROLLED = "SELECT data FROM tiles WHERE series = ? AND level = ? AND tile BETWEEN ? AND ? ORDER BY tile"
_AT = "SELECT tile FROM tiles WHERE series = ? AND level = 0 AND first_step <= ? ORDER BY first_step DESC LIMIT 1"
_FIRST = (
    "SELECT first_step FROM tiles WHERE series = ? AND level = 0 AND first_step <= ? ORDER BY first_step DESC LIMIT 1"
)


class SeriesReader:
    """One series of one attempt inside one snapshot: stored tiles, and raw points `steps`, `values` behind them."""

    def __init__(self, connection: Connection, run: str, attempt: int, key: SeriesKey, fresh: Points):
        """`fresh`: the points that are not in the tables yet."""
        self._cursor = dbapi_cursor(connection)
        signal, part = to_columns(key)
        sql = "SELECT id, n, last_step FROM series WHERE run = ? AND attempt = ? AND signal = ? AND part = ?"
        row = self._cursor.execute(sql, (run, attempt, signal, part)).fetchone()
        self.series: int | None = row[0] if row else None
        n, last = row[1:] if row else (0, None)
        steps, values = fresh
        whole = n // TILE  # tiles that the roll-ups cover
        if n and len(steps) and steps[0] <= last:  # late points: read from the tile that they fall into
            found = self._cursor.execute(_AT, (self.series, int(steps[0]))).fetchone()
            whole = min(whole, found[0] if found else 0)
        if whole * TILE < n:
            old_steps, old_values = self.raw(whole, n // TILE)
            if len(steps):
                steps, values = np.concatenate([old_steps, steps]), np.concatenate([old_values, values])
                steps, values = pyramid.merge(steps, values)
            else:
                steps, values = old_steps, old_values
        self.whole, self.steps, self.values = whole, steps, values
        self.n = whole * TILE + len(steps)

    def raw(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """The points of the stored tiles first..last."""
        rows = self._cursor.execute(_TILES, (self.series, first, last)).fetchall()
        parts = [pyramid.decode(data, n, step) for _, n, step, data in rows]
        if not parts:
            return np.empty(0, np.int64), np.empty(0)
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])

    def points(self, low: int, high: int) -> tuple[np.ndarray, np.ndarray]:
        """The points with low < step <= high."""
        first, last = self._tiles(low, high)
        steps, values = self.steps, self.values
        if first <= last:
            old = self.raw(first, last)
            steps, values = np.concatenate([old[0], steps]), np.concatenate([old[1], values])
        a, b = np.searchsorted(steps, [low, high], side="right")
        return steps[a:b], values[a:b]

    def newest(self, high: int) -> tuple[np.ndarray, np.ndarray]:
        """The last point with a step of at most `high`, as arrays of one entry or none."""
        at = self.upto(high)
        tile = max(at - 1, 0) // TILE
        if tile < self.whole:
            steps, values = self.raw(tile, tile)
            at -= tile * TILE
        else:
            steps, values, at = self.steps, self.values, at - self.whole * TILE
        return steps[:at][-1:], values[:at][-1:]

    def upto(self, step: int) -> int:
        """How many points have a step of at most `step`."""
        if step >= FAR or step <= -FAR:
            return self.n if step > 0 else 0
        inside = int(np.searchsorted(self.steps, step, side="right"))
        if inside or not self.whole:
            return self.whole * TILE + inside
        found = self._cursor.execute(_AT, (self.series, max(step, -FAR))).fetchone()
        if not found:
            return 0
        tile = min(found[0], self.whole - 1)
        return int(tile * TILE + np.searchsorted(self.raw(tile, tile)[0], step, side="right"))

    def span(self, piece: Piece, low: int, high: int) -> tuple[int, int]:
        """Which positions [a, b) hold the piece's steps in (low, high]."""
        return self.upto(max(low, piece.low)), self.upto(min(high, piece.high))

    def buckets(self, piece: Piece, low: int, high: int, size: int) -> np.ndarray:
        """Buckets of `size` points (a level's size times a power of two) of the piece that touch (low, high].

        Where the piece ends inside a bucket, that bucket sums up the piece's share: what was rolled back is not in it.
        """
        a, b = self.span(piece, low, high)
        if a >= b:
            return np.empty(0, BUCKET)
        a, b = max(a // size * size, self.upto(piece.low)), min(-(-b // size) * size, self.upto(piece.high))
        level = max(k for k in range(len(SIZES)) if SIZES[k] <= size)
        pieces, numbers = [], []
        for k, first, end in self._cover(a, b, level):
            if k:
                pieces.append(self._rolled(k, first, end))
                numbers.append((first + SIZES[k] * np.arange(len(pieces[-1]))) // size)
            else:
                starts = np.append(first, np.arange(first // size * size + size, end, size))
                pieces.append(pyramid.gather(*self._at(first, end), starts - first))
                numbers.append(starts // size)
        joined, number = np.concatenate(pieces), np.concatenate(numbers)
        out = pyramid.reduce(joined, np.flatnonzero(np.append(True, number[1:] != number[:-1])))
        return out[(out["last"] > low) & (out["first"] <= high)]

    def _cover(self, a: int, b: int, level: int) -> Iterator[tuple[int, int, int]]:
        """Positions [a, b) as stretches (level, first, end): points up to a border, then coarser, then finer again."""
        rolled = self.whole * TILE
        for k in range(level):  # up to a border of the next level
            end = min(-(-a // SIZES[k + 1]) * SIZES[k + 1], b, rolled)
            if k == 0 or end % SIZES[k] == 0:
                if a < end:
                    yield k, a, end
                a = max(a, end)
        for k in range(level, -1, -1):
            end = min(b, rolled) // SIZES[k] * SIZES[k] if k else b
            if a < end and a % SIZES[k] == 0:
                yield k, a, end
                a = end

    def _rolled(self, level: int, a: int, b: int) -> np.ndarray:
        """The buckets of a level that cover positions [a, b)."""
        first, end = a // SIZES[level], b // SIZES[level]
        low, high = first // BUCKETS, (end - 1) // BUCKETS
        data = b"".join(row[0] for row in self._cursor.execute(_ROLLED, (self.series, level, low, high)))
        return pyramid.rolled(data, first, end)

    def _at(self, a: int, b: int) -> tuple[np.ndarray, np.ndarray]:
        """The points at positions [a, b)."""
        edge = self.whole * TILE
        if a >= edge:
            return self.steps[a - edge : b - edge], self.values[a - edge : b - edge]
        first = a // TILE
        steps, values = self.raw(first, (min(b, edge) - 1) // TILE)
        if b > edge:
            steps, values = np.concatenate([steps, self.steps]), np.concatenate([values, self.values])
        return steps[a - first * TILE : b - first * TILE], values[a - first * TILE : b - first * TILE]

    def _tiles(self, low: int, high: int) -> tuple[int, int]:
        """The stored whole tiles that may hold steps in (low, high]; first > last when none does."""
        if not self.whole:
            return 0, -1
        first, last = 0, self.whole - 1
        if low > -FAR:
            found = self._cursor.execute(_AT, (self.series, low + 1)).fetchone()
            first = found[0] if found else 0
        if high < FAR:
            found = self._cursor.execute(_AT, (self.series, max(high, -FAR))).fetchone()
            last = min(found[0], last) if found else -1
        return first, last


def bucket_size(n: int, width: int) -> int:
    """Points a bucket so that `n` points give `width` to 2 x `width` buckets: a level's size times a power of two."""
    ratio = max(n / max(width, 1), 1.0)
    base = max(size for size in SIZES if size <= ratio)
    return int(base * 2 ** int(np.log2(ratio / base)))
