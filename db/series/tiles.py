"""Writes points into a series' tiles and keeps the roll-ups above them; one path for appends and late points."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

import numpy as np
from sqlalchemy import Connection

from ...errors import Damaged
from ...keys import label
from ..tables.engine import dbapi_cursor
from . import checksums, pyramid
from .keys import from_columns
from .pyramid import BUCKET, BUCKETS, SIZES, TILE
from .stored import StoredTiles
from .summaries import COLUMNS

_AT = "SELECT tile FROM tiles WHERE series = ? AND level = 0 AND first_step <= ? ORDER BY first_step DESC LIMIT 1"
_KNOWN = f"SELECT {COLUMNS} FROM series WHERE id = ?"
_EXTREMES = "SELECT min(first_step), min(low), max(high) FROM tiles WHERE series = ? AND level = 0"
_PUT = (  # in place, where the tile is there: a replaced row would be taken out of its indexes and put in again
    "INSERT INTO tiles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (series, level, tile) DO UPDATE SET "
    "n = excluded.n, first_step = excluded.first_step, last_step = excluded.last_step, low = excluded.low, "
    "high = excluded.high, mean = excluded.mean, data = excluded.data, checksum = excluded.checksum"
)
_SUMS = (
    "UPDATE series SET n = ?, bad = ?, first_step = ?, last_step = ?, last_value = ?, low = ?, high = ?, checksum = ? "
    "WHERE id = ?"
)


def write(connection: Connection, points: Iterable[tuple[int, np.ndarray, np.ndarray]]) -> None:
    """Upserts `(series id, steps, values)`; steps strictly increase within one call's series.

    The tile in which the first new step falls, and what lies behind it, is read, merged and written again: for a
    growing series that is its last, partial tile, whose bytes are only added to where its points go on evenly. Damaged
    where it cannot be read: a new checksum would hide it.
    """
    cursor = dbapi_cursor(connection)
    for series, steps, values in points:
        if len(steps):
            _write_one(cursor, series, steps, values)
    cursor.close()


def _write_one(cursor: sqlite3.Cursor, series: int, steps: np.ndarray, values: np.ndarray) -> None:
    known = cursor.execute(_KNOWN, (series,)).fetchone()
    n, bad, first, last, _, low, high = known[5:12]
    if n and not checksums.sound_series(known):
        raise _damaged(known)
    late = n > 0 and steps[0] <= last
    start = n // TILE
    if late:
        found = cursor.execute(_AT, (series, int(steps[0]))).fetchone()
        start = found[0] if found else 0
    fresh = values
    rows: list[tuple[Any, ...]] = []
    if start * TILE < n:
        stored, end = StoredTiles(cursor, series), (n - 1) // TILE
        found = stored.sound(0, start, end)
        rows = [] if late else _grown(series, found, steps, values)
        if not rows:
            old_steps, replaced = stored.decoded(found, start, end)
            if stored.damaged:
                raise _damaged(known)
            steps, values = np.concatenate([old_steps, steps]), np.concatenate([replaced, values])
            if late:
                bad -= _bad(replaced)
                steps, values = pyramid.merge(steps, values)
    bad += _bad(values if late else fresh)
    whole = []
    for at in range(0, 0 if rows else len(steps), TILE):
        s, v = steps[at : at + TILE], values[at : at + TILE]
        where = (series, 0, start + at // TILE, len(s), int(s[0]), int(s[-1]))
        rows.append(_with_checksum(*where, *summary(v), pyramid.encode(s, v)))
        if len(s) == TILE:
            whole.append(pyramid.gather(s, v, np.arange(0, TILE, SIZES[1])))
    if late:
        cursor.execute("DELETE FROM tiles WHERE series = ? AND level = 0 AND tile > ?", (series, rows[-1][2]))
    cursor.executemany(_PUT, rows)
    if whole or late:
        _roll_up(cursor, series, start * TILE, np.concatenate(whole) if whole else np.empty(0, BUCKET), late)
    if late:  # what was replaced may have been an extreme
        first, low, high = cursor.execute(_EXTREMES, (series,)).fetchone()
    else:
        first = int(steps[0]) if first is None else first
        low = min((x for x in (low, *(row[6] for row in rows)) if x is not None), default=None)
        high = max((x for x in (high, *(row[7] for row in rows)) if x is not None), default=None)
    newest = float(values[-1])
    value = None if np.isnan(newest) else newest
    sums: tuple[Any, ...] = (rows[-1][2] * TILE + rows[-1][3], bad, first, int(steps[-1]), value, low, high)
    cursor.execute(_SUMS, (*sums, checksums.of_series(*known[:5], *sums), series))


def _grown(series: int, found: list[tuple[Any, ...]], steps: np.ndarray, values: np.ndarray) -> list[tuple[Any, ...]]:
    """The row of the open tile, what is sound of which is `found`, with new points; [] where it must be made anew."""
    if len(found) != 1 or found[0][1] + len(steps) >= TILE:
        return []
    tile, n, first, *_, data, _ = found[0]
    both = pyramid.grown(data, n, first, steps, values)
    if both is None:
        return []
    where = (series, 0, tile, n + len(steps), first, int(steps[-1]))
    return [_with_checksum(*where, *summary(both[1]), both[0])]


def _bad(values: np.ndarray) -> int:
    """How many values are not finite."""
    return len(values) - int(np.count_nonzero(np.isfinite(values)))


def _damaged(known: tuple[Any, ...]) -> Damaged:
    what = f"run {known[1]}: {label(from_columns(*known[3:5]))}"
    return Damaged(f"{what} is damaged; `barograph repair` keeps what is whole of it")


def _with_checksum(*row: Any) -> tuple[Any, ...]:
    """A row of `tiles` with its checksum."""
    return *row, checksums.of_tile(*row)


def summary(values: np.ndarray) -> tuple[float | None, float | None, float | None]:
    """Lowest, highest and mean of the finite values; None where there is none."""
    low, high = float(values.min()), float(values.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        values = values[np.isfinite(values)]
        if not len(values):
            return None, None, None
        low, high = float(values.min()), float(values.max())
    return low, high, float((values / len(values)).sum())


def _roll_up(cursor: sqlite3.Cursor, series: int, start: int, fresh: np.ndarray, late: bool) -> None:
    """Writes the level 1 buckets that begin at point `start`, and every level above that they complete."""
    for level in range(1, len(SIZES)):
        first = start // SIZES[level]
        _put_buckets(cursor, series, level, first, fresh, late)
        if level + 1 == len(SIZES):
            return
        group = SIZES[level + 1] // SIZES[level]
        lead = first - first // group * group  # buckets of the group under way that were there before
        if lead:
            fresh = np.concatenate([_get_buckets(cursor, series, level, first - lead, first), fresh])
        fresh = pyramid.every(fresh[: len(fresh) // group * group], group) if len(fresh) >= group else fresh[:0]
        if not len(fresh) and not late:
            return


def _put_buckets(cursor: sqlite3.Cursor, series: int, level: int, first: int, fresh: np.ndarray, late: bool) -> None:
    tile, lead = divmod(first, BUCKETS)
    if late:
        cursor.execute("DELETE FROM tiles WHERE series = ? AND level = ? AND tile > ?", (series, level, tile))
    if lead:
        fresh = np.concatenate([_get_buckets(cursor, series, level, first - lead, first), fresh])
    rows = []
    for at in range(0, len(fresh), BUCKETS):
        b = fresh[at : at + BUCKETS]
        where = (series, level, tile + at // BUCKETS, len(b), int(b["first"][0]), int(b["last"][-1]))
        rows.append(_with_checksum(*where, None, None, None, b.tobytes()))
    if not rows and late:
        cursor.execute("DELETE FROM tiles WHERE series = ? AND level = ? AND tile = ?", (series, level, tile))
    cursor.executemany(_PUT, rows)


def _get_buckets(cursor: sqlite3.Cursor, series: int, level: int, first: int, end: int) -> np.ndarray:
    """The stored buckets [first, end) of a level, by number."""
    found = StoredTiles(cursor, series).buckets(level, first, end)
    if not found["n"].all():
        raise Damaged("the roll-ups of a series are damaged; `barograph repair` makes them anew")
    return found
