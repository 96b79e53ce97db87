"""Writes points into a series' tiles and keeps the roll-ups above them; one path for appends and late points."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import numpy as np
from sqlalchemy import Connection

from ..tables.engine import dbapi_cursor
from . import pyramid
from .pyramid import BUCKET, BUCKETS, SIZES, TILE

_TAIL = "SELECT tile, n, first_step, data FROM tiles WHERE series = ? AND level = 0 AND tile >= ? ORDER BY tile"
_AT = "SELECT tile FROM tiles WHERE series = ? AND level = 0 AND first_step <= ? ORDER BY first_step DESC LIMIT 1"
_KNOWN = "SELECT n, bad, first_step, last_step, low, high FROM series WHERE id = ?"
_EXTREMES = "SELECT min(first_step), min(low), max(high) FROM tiles WHERE series = ? AND level = 0"
_PUT = "INSERT OR REPLACE INTO tiles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_SUMS = (
    "UPDATE series SET n = ?, bad = ?, first_step = ?, last_step = ?, last_value = ?, low = ?, high = ? WHERE id = ?"
)


def write(connection: Connection, points: Iterable[tuple[int, np.ndarray, np.ndarray]]) -> None:
    """Upserts `(series id, steps, values)`; steps strictly increase within one call's series.

    The tile in which the first new step falls, and what lies behind it, is read, merged and written again: for a
    growing series that is its last, partial tile.
    """
    cursor = dbapi_cursor(connection)
    for series, steps, values in points:
        if len(steps):
            _write_one(cursor, series, steps, values)
    cursor.close()


def _write_one(cursor: sqlite3.Cursor, series: int, steps: np.ndarray, values: np.ndarray) -> None:
    n, bad, first, last, low, high = cursor.execute(_KNOWN, (series,)).fetchone()
    late = n > 0 and steps[0] <= last
    start = n // TILE
    if late:
        found = cursor.execute(_AT, (series, int(steps[0]))).fetchone()
        start = found[0] if found else 0
    old = cursor.execute(_TAIL, (series, start)).fetchall() if start * TILE < n else []
    if old:
        parts = [pyramid.decode(data, count, first) for _, count, first, data in old]
        replaced = np.concatenate([p[1] for p in parts])
        bad -= len(replaced) - int(np.isfinite(replaced).sum())
        steps = np.concatenate([p[0] for p in parts] + [steps])
        values = np.concatenate([replaced, values])
        if late:
            steps, values = pyramid.merge(steps, values)
    bad += len(values) - int(np.isfinite(values).sum())
    rows, whole = [], []
    for at in range(0, len(steps), TILE):
        s, v = steps[at : at + TILE], values[at : at + TILE]
        where = (series, 0, start + at // TILE, len(s), int(s[0]), int(s[-1]))
        rows.append((*where, *_summary(v), pyramid.encode(s, v)))
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
    sums = start * TILE + len(steps), bad, first, int(steps[-1]), float(values[-1]), low, high
    cursor.execute(_SUMS, (*sums, series))


def _summary(values: np.ndarray) -> tuple[float | None, float | None, float | None]:
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
        rows.append((*where, None, None, None, b.tobytes()))
    if not rows and late:
        cursor.execute("DELETE FROM tiles WHERE series = ? AND level = ? AND tile = ?", (series, level, tile))
    cursor.executemany(_PUT, rows)


def _get_buckets(cursor: sqlite3.Cursor, series: int, level: int, first: int, end: int) -> np.ndarray:
    """The stored buckets [first, end) of a level, by number."""
    low, high = first // BUCKETS, (end - 1) // BUCKETS
    sql = "SELECT data FROM tiles WHERE series = ? AND level = ? AND tile BETWEEN ? AND ? ORDER BY tile"
    found = b"".join(row[0] for row in cursor.execute(sql, (series, level, low, high)))
    return pyramid.rolled(found, first, end)
