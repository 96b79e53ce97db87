"""Verifies one series: its checksums, and that its points, their roll-ups and its row in `series` say the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import numpy as np

from ...errors import Damaged
from . import pyramid
from .checksums import sound_series
from .pyramid import BUCKET, BUCKETS, SIZES, TILE, Points
from .stored import StoredTiles
from .summaries import of_tiles
from .tiles import summary

_TILES = "SELECT coalesce(max(tile), -1) + 1 FROM tiles WHERE series = ? AND level = 0"


def faults(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> Iterator[str]:
    """What is wrong with a series, a sentence each; `row` is its row (see `summaries.COLUMNS`)."""
    series, n, first, last = row[0], row[5], row[7], row[8]
    sound = not n or sound_series(row)
    if not sound:
        yield "its row in `series` is damaged"
        n, first, last, _ = of_tiles(cursor, series)
    stored, found = StoredTiles(cursor, series), _Points()
    tiles = max(-(-n // TILE), cursor.execute(_TILES, (series,)).fetchone()[0])
    for tile in range(tiles):
        for _, size, begin, end, *says, data, _ in stored.sound(0, tile, tile):
            try:
                points = pyramid.decode(data, size, begin)
            except Damaged:
                break
            if not found.follow(points, tile, end):
                yield f"the {size:,} points of steps {begin} to {end} are out of order"
            if not _close(says, summary(points[1])):
                yield f"the points of steps {begin} to {end} do not agree with their extremes and mean"
    stored.damaged = set(range(tiles)) - found.tiles
    for hole in stored.holes(n, first, last):
        yield f"{hole.n:,} points of steps {hole.first} to {hole.last} are damaged"
    yield from _rolled_up(stored, found.buckets(n // TILE))
    if sound and not stored.damaged:
        yield from found.differ(row)


def _rolled_up(stored: StoredTiles, expected: np.ndarray) -> Iterator[str]:
    """Compares each level with the one below it; `expected`: the finest buckets, as the points make them."""
    for level in range(1, len(SIZES)):
        if not len(expected):
            return
        rows = {row[0]: row[7] for row in stored.sound(level, 0, (len(expected) - 1) // BUCKETS)}
        for tile in range(-(-len(expected) // BUCKETS)):
            a, b = tile * BUCKETS, min((tile + 1) * BUCKETS, len(expected))
            about = f"the roll-up of level {level} of the points {a * SIZES[level]:,} to {b * SIZES[level] - 1:,}"
            try:
                buckets = pyramid.rolled(rows.get(tile, b""), a, b)
            except Damaged:
                yield f"{about} is damaged"
                continue
            known = expected[a:b]["n"] == SIZES[level]
            if not _agree(buckets[known], expected[a:b][known]):
                yield f"{about} does not agree with what lies below it"
        if level + 1 < len(SIZES):
            expected = pyramid.coarser(expected, SIZES[level + 1] // SIZES[level])


def _agree(a: np.ndarray, b: np.ndarray) -> bool:
    exact = [name for name in BUCKET.names or () if name != "mean"]
    same = all(np.array_equal(a[name], b[name], equal_nan=name in ("low", "high")) for name in exact)
    reach = 1e-9 * np.fmax(np.abs(b["low"]), np.abs(b["high"]))
    return same and bool((np.isnan(a["mean"]) & np.isnan(b["mean"]) | (np.abs(a["mean"] - b["mean"]) <= reach)).all())


def _close(a: list[float | None], b: tuple[float | None, ...]) -> bool:
    """Whether two of (low, high, mean) are the same, means but for their last digits."""
    if a[:2] != list(b[:2]) or a[2] is None or b[2] is None or b[0] is None or b[1] is None:
        return a == list(b)
    return abs(a[2] - b[2]) <= 1e-9 * max(abs(b[0]), abs(b[1]))


class _Points:
    """What the points that have been read say: of their series' row, and of the finest roll-up."""

    def __init__(self) -> None:
        self.tiles: set[int] = set()
        self._row: list[Any] = [0, 0, None, None, None, None, None]  # as in `summaries.COLUMNS`, from n on
        self._buckets: dict[int, np.ndarray] = {}

    def follow(self, points: Points, tile: int, end: int) -> bool:
        """Adds a tile's points; False where they are out of order, or do not end at `end`."""
        steps, values = points
        n, bad, first, last, _, *known = self._row
        found, newest = summary(values), float(values[-1])
        low, high = (
            choose((x for x in pair if x is not None), default=None)
            for choose, pair in zip((min, max), zip(known, found[:2], strict=True), strict=True)
        )
        ends = int(steps[0]) if first is None else first, int(steps[-1])
        bad += len(values) - int(np.count_nonzero(np.isfinite(values)))
        self._row = [n + len(steps), bad, *ends, None if np.isnan(newest) else newest, low, high]
        self.tiles.add(tile)
        if len(steps) == TILE:
            self._buckets[tile] = pyramid.gather(steps, values, np.arange(0, TILE, SIZES[1]))
        return bool((steps[1:] > steps[:-1]).all()) and steps[-1] == end and (last is None or steps[0] > last)

    def buckets(self, tiles: int) -> np.ndarray:
        """The finest buckets of the whole tiles; those of a damaged one have no points."""
        nothing = np.zeros(TILE // SIZES[1], BUCKET)
        parts = [self._buckets.get(tile, nothing) for tile in range(tiles)]
        return np.concatenate(parts) if parts else nothing[:0]

    def differ(self, row: tuple[Any, ...]) -> Iterator[str]:
        """A sentence where the series' row says otherwise."""
        if self._row[0] != row[5]:
            yield f"it should have {row[5]:,} points and has {self._row[0]:,}"
        elif self._row != list(row[5:12]):
            yield "its row in `series` does not agree with its points"
