"""The rows that sum up a series each: how many points, where they begin and end, the newest value."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

from ...keys import SeriesKey
from .checksums import sound_series
from .keys import from_columns
from .stored import StoredTiles

COLUMNS = "id, run, attempt, signal, part, n, bad, first_step, last_step, last_value, low, high, checksum"
_OF_TILES = (
    "SELECT coalesce(sum(n), 0), min(first_step), max(last_step), max(tile) FROM tiles WHERE series = ? AND level = 0"
)


class Summary(NamedTuple):
    """What the row of a series says of its stored points; `value` is the newest one, None where that is not finite."""

    series: int
    attempt: int
    key: SeriesKey
    n: int
    first: int
    last: int
    value: float | None


def summaries(cursor: sqlite3.Cursor, run: str, which: str = "", *values: Any) -> Iterator[Summary]:
    """Of each series of the run that has points; `which` narrows them down. A damaged row is made up of its tiles."""
    sql = f"SELECT {COLUMNS} FROM series WHERE run = ? AND n > 0 {which}"
    for row in cursor.execute(sql, (run, *values)).fetchall():
        series, _, attempt, signal, part, n, _, first, last, value, *_ = row
        if not sound_series(row):
            n, first, last, value = of_tiles(cursor, series)
        if n:
            yield Summary(series, attempt, from_columns(signal, part), n, first, last, value)


def of_tiles(cursor: sqlite3.Cursor, series: int) -> tuple[int, int, int, float | None]:
    """Of a series' tiles: how many points, the first and the last step, the newest value that can be read."""
    n, first, last, tile = cursor.execute(_OF_TILES, (series,)).fetchone()
    stored = StoredTiles(cursor, series)
    for at in range(tile if n else -1, -1, -1):
        steps, values = stored.points(at, at)
        if len(steps):
            return n, first, int(steps[-1]), float(values[-1])
    return 0, 0, 0, None
