"""Reads any range of one series at any width: stored tiles and the points that are not stored yet as one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sqlalchemy import Connection

from ...keys import SeriesKey
from ..records import Hole
from ..tables.engine import dbapi_cursor
from . import pyramid
from .keys import to_columns
from .lineage import FAR, Piece
from .pyramid import BUCKET, SIZES, TILE, Points
from .stored import StoredTiles
from .summaries import summaries

_AT = "SELECT tile FROM tiles WHERE series = ? AND level = 0 AND first_step <= ? ORDER BY first_step DESC LIMIT 1"


class SeriesReader:
    """One series of one attempt inside one snapshot: stored tiles, and raw points `steps`, `values` behind them."""

    def __init__(self, connection: Connection, run: str, attempt: int, key: SeriesKey, fresh: Points):
        """`fresh`: the points that are not in the tables yet."""
        self._cursor = dbapi_cursor(connection)
        which = "AND attempt = ? AND signal = ? AND part = ?"
        found = next(summaries(self._cursor, run, which, attempt, *to_columns(key)), None)
        self.series = found.series if found else None
        self._summary = found
        self._tiles = StoredTiles(self._cursor, self.series)
        n = found.n if found else 0
        steps, values = fresh
        whole = n // TILE  # tiles that the roll-ups cover
        if found and len(steps) and steps[0] <= found.last:  # late points: read from the tile that they fall into
            whole = min(whole, self._tile(int(steps[0])) or 0)
        if whole * TILE < n:
            old_steps, old_values = self._tiles.points(whole, (n - 1) // TILE)
            if len(steps):
                steps, values = np.concatenate([old_steps, steps]), np.concatenate([old_values, values])
                steps, values = pyramid.merge(steps, values)
            else:
                steps, values = old_steps, old_values
        self.whole, self.steps, self.values = whole, steps, values
        self.n = whole * TILE + len(steps)
        self._places: dict[int, int] = {}  # what `upto` has found

    def points(self, low: int, high: int) -> Points:
        """The points with low < step <= high."""
        first, last = self._span_of_tiles(low, high)
        steps, values = self.steps, self.values
        if first <= last:
            old = self._tiles.points(first, last)
            if len(steps):
                steps, values = np.concatenate([old[0], steps]), np.concatenate([old[1], values])
            else:
                steps, values = old
        a, b = np.searchsorted(steps, [low, high], side="right")
        return steps[a:b], values[a:b]

    def newest(self, high: int) -> Points:
        """The last point with a step of at most `high`, as arrays of one entry or none."""
        steps, values = self.steps, self.values
        at = int(np.searchsorted(steps, high, side="right"))
        tile = min(self.whole, (self._tile(high) or 0) + 1)
        while not at and tile:  # in the tiles, from the last that may hold it; more than one where some are damaged
            tile -= 1
            steps, values = self._tiles.points(tile, tile)
            at = int(np.searchsorted(steps, high, side="right"))
        return steps[:at][-1:], values[:at][-1:]

    def upto(self, step: int) -> int:
        """How many points have a step of at most `step`; in a damaged tile as its roll-ups have it."""
        if step >= FAR or step <= -FAR:
            return self.n if step > 0 else 0
        if step not in self._places:
            self._places[step] = self._place(step)
        return self._places[step]

    def _place(self, step: int) -> int:
        inside = int(np.searchsorted(self.steps, step, side="right"))
        if inside or not self.whole:
            return self.whole * TILE + inside
        tile = self._tile(step)
        if tile is None:
            return 0
        tile = min(tile, self.whole - 1)
        return int(tile * TILE + np.searchsorted(self._steps(tile), step, side="right"))

    def _steps(self, tile: int) -> np.ndarray:
        """The steps of a whole tile; of a damaged one as if they were even within each bucket of its roll-up."""
        steps = self._tiles.points(tile, tile)[0]
        if len(steps) == TILE:
            return steps
        buckets = self._rolled(1, tile * TILE, (tile + 1) * TILE)
        there = np.flatnonzero(buckets["n"])
        if not len(there):
            return steps
        ends = np.stack([buckets["first"], buckets["last"]], 1)[there].ravel()
        places = (there[:, None] * SIZES[1] + [0, SIZES[1] - 1]).ravel()
        estimated: np.ndarray = np.interp(np.arange(TILE), places, ends).astype(np.int64)
        return estimated

    def holes(self, low: int, high: int) -> list[Hole]:
        """Where points with low < step <= high were recorded and cannot be read, of what was asked for so far."""
        if self._summary is None:
            return []
        found = self._tiles.holes(self._summary.n, self._summary.first, self._summary.last)
        cut = [Hole(max(hole.first, low + 1), min(hole.last, high), hole.n) for hole in found]
        return [hole for hole in cut if hole.first <= hole.last]

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
                for found, number in self._summed_up(first, end, size):
                    pieces.append(found)
                    numbers.append(number)
        out = pyramid.joined(np.concatenate(pieces), np.concatenate(numbers))[0]
        low, high = max(low, piece.low), min(high, piece.high)
        return out[(out["last"] > low) & (out["first"] <= high)]

    def _summed_up(self, first: int, end: int, size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The points at positions [first, end) as buckets of `size` with their numbers; a damaged tile as rolled up."""
        steps, values = self._at(first, end)
        if len(steps) == end - first:
            starts = np.append(first, np.arange(first // size * size + size, end, size))
            yield pyramid.gather(steps, values, starts - first), starts // size
        elif first // TILE == (end - 1) // TILE:
            a, b = first // SIZES[1], -(-end // SIZES[1])
            yield self._tiles.buckets(1, a, b), np.arange(a, b) * SIZES[1] // size
        else:
            border = (first // TILE + 1) * TILE
            yield from self._summed_up(first, border, size)
            yield from self._summed_up(border, end, size)

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
        return self._tiles.buckets(level, a // SIZES[level], b // SIZES[level])

    def _at(self, a: int, b: int) -> tuple[np.ndarray, np.ndarray]:
        """The points at positions [a, b)."""
        edge = self.whole * TILE
        if a >= edge:
            return self.steps[a - edge : b - edge], self.values[a - edge : b - edge]
        first = a // TILE
        steps, values = self._tiles.points(first, (min(b, edge) - 1) // TILE)
        if b > edge:
            steps, values = np.concatenate([steps, self.steps]), np.concatenate([values, self.values])
        return steps[a - first * TILE : b - first * TILE], values[a - first * TILE : b - first * TILE]

    def _span_of_tiles(self, low: int, high: int) -> tuple[int, int]:
        """The stored whole tiles that may hold steps in (low, high]; first > last when none does."""
        if not self.whole:
            return 0, -1
        first, last = 0, self.whole - 1
        if low > -FAR:
            first = self._tile(low + 1) or 0
        if high < FAR:
            found = self._tile(high)
            last = min(found, last) if found is not None else -1
        return first, last

    def _tile(self, step: int) -> int | None:
        """The last stored tile that begins at or before a step."""
        found = self._cursor.execute(_AT, (self.series, max(step, -FAR))).fetchone()
        return found[0] if found else None


def bucket_size(n: int, width: int) -> int:
    """Points a bucket so that `n` points give `width` to 2 x `width` buckets: a level's size times a power of two."""
    ratio = max(n / max(width, 1), 1.0)
    base = max(size for size in SIZES if size <= ratio)
    return int(base * 2 ** int(np.log2(ratio / base)))
