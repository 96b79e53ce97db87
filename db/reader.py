"""The store's reading half for points: any range of any series at any width, folded and unfolded as one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection

from . import pyramid
from .fold import split
from .frames import Key
from .pyramid import BUCKET, BUCKETS, SIZES, TILE
from .tail import Tail

_TILES = "SELECT tile, n, first_step, data FROM tiles WHERE series = ? AND level = 0 AND tile BETWEEN ? AND ? ORDER BY tile"
_ROLLED = "SELECT data FROM tiles WHERE series = ? AND level = ? AND tile BETWEEN ? AND ? ORDER BY tile"
_AT = "SELECT tile FROM tiles WHERE series = ? AND level = 0 AND first_step <= ? ORDER BY first_step DESC LIMIT 1"
_FIRST = "SELECT first_step FROM tiles WHERE series = ? AND level = 0 AND first_step <= ? ORDER BY first_step DESC LIMIT 1"
_FAR = 2**62


class Piece(NamedTuple):
    """One attempt's share of the surviving line: steps in (low, high]."""

    attempt: int
    low: int
    high: int


class Reading:
    """One series of one attempt inside one snapshot: stored tiles, and raw points `steps`, `values` behind them."""

    def __init__(self, connection: Connection, tail: Tail, run: str, attempt: int, key: Key):
        self._cursor = connection.connection.dbapi_connection.cursor()
        signal, part = split(key)
        sql = "SELECT id, n, last_step FROM series WHERE run = ? AND attempt = ? AND signal = ? AND part = ?"
        row = self._cursor.execute(sql, (run, attempt, signal, part)).fetchone()
        self.series, n, last = row if row else (None, 0, None)
        steps, values = tail.points(run, attempt, key)
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

    def before(self, high: int) -> int:
        """A step below the newest point at or before `high`, for reading no more than one tile."""
        if len(self.steps) and self.steps[0] <= high:
            return int(self.steps[0]) - 1
        found = self._cursor.execute(_FIRST, (self.series, high)).fetchone()
        return found[0] - 1 if found else -_FAR

    def span(self, low: int, high: int) -> tuple[int, int]:
        """About which positions [a, b) hold the steps in (low, high]: exact to a tile in the stored part."""
        a, b = np.searchsorted(self.steps, [low, high], side="right") + self.whole * TILE
        first, last = self._tiles(low, high)
        if first <= last:
            a = first * TILE
            if last < self.whole - 1 or b == self.whole * TILE:
                b = (last + 1) * TILE
        return int(a), int(b)

    def buckets(self, low: int, high: int, size: int) -> np.ndarray:
        """Buckets of `size` points (a level's size times a power of two) that touch (low, high]."""
        a, b = self.span(low, high)
        level = max(k for k in range(len(SIZES)) if SIZES[k] <= size)
        a, b = a // size * size, min(-(-b // size) * size, self.n)
        pieces, starts = [], []
        for k in range(level, -1, -1):  # the level itself, then what it does not cover yet from finer ones
            end = min(b, self.whole * TILE // SIZES[k] * SIZES[k]) if k else b
            if end <= a:
                continue
            piece = self._level(k, a, end)
            pieces.append(piece)
            starts.append(a + SIZES[k] * np.arange(len(piece)))
            a = end
        if not pieces:
            return np.empty(0, BUCKET)
        joined = np.concatenate(pieces)
        group = np.concatenate(starts) // size
        out = pyramid.reduce(joined, np.flatnonzero(np.append(True, group[1:] != group[:-1])))
        return out[(out["last"] > low) & (out["first"] <= high)]

    def _level(self, level: int, a: int, b: int) -> np.ndarray:
        """The buckets of a level that cover positions [a, b)."""
        if level:
            first, end = a // SIZES[level], b // SIZES[level]
            low, high = first // BUCKETS, (end - 1) // BUCKETS
            data = b"".join(row[0] for row in self._cursor.execute(_ROLLED, (self.series, level, low, high)))
            return np.frombuffer(data, BUCKET)[first - low * BUCKETS : end - low * BUCKETS]
        edge = self.whole * TILE
        out = []
        if a < edge:
            first, last = a // TILE, (min(b, edge) - 1) // TILE
            steps, values = self.raw(first, last)
            cut = slice(a - first * TILE, min(b, edge) - first * TILE)
            out.append(pyramid.leaves(steps[cut], values[cut]))
        if b > edge:
            cut = slice(max(a - edge, 0), b - edge)
            out.append(pyramid.leaves(self.steps[cut], self.values[cut]))
        return np.concatenate(out)

    def _tiles(self, low: int, high: int) -> tuple[int, int]:
        """The stored whole tiles that may hold steps in (low, high]; first > last when none does."""
        if not self.whole:
            return 0, -1
        first, last = (self._cursor.execute(_AT, (self.series, min(max(x, -_FAR), _FAR))).fetchone() for x in (low + 1, high))
        return (first[0] if first else 0), min(last[0], self.whole - 1) if last else -1


def bucket_size(n: int, width: int) -> int:
    """Points a bucket so that `n` points give `width` to 2 x `width` buckets: a level's size times a power of two."""
    ratio = max(n / max(width, 1), 1.0)
    base = max(size for size in SIZES if size <= ratio)
    return base * 2 ** int(np.log2(ratio / base))


def clipped(pieces: list[Piece], low: int | None, high: int | None) -> Iterator[Piece]:
    """The pieces inside lo <= step <= hi."""
    below = -_FAR if low is None else low - 1
    above = _FAR if high is None else high
    for piece in pieces:
        a, b = max(piece.low, below), min(piece.high, above)
        if a < b:
            yield Piece(piece.attempt, a, b)
