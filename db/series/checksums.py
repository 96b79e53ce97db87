"""The checksum of a stored row: CRC-32 of all that the row says, so that a changed bit anywhere in it is noticed.

Rows that are older than checksums have none, and are taken as they are.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any
from zlib import crc32

_TILE = struct.Struct("<6q3d")
_SERIES = struct.Struct("<6q3d")
_NAN = float("nan")


def of_tile(
    series: int, level: int, tile: int, n: int, first: int, last: int,
    low: float | None, high: float | None, mean: float | None, data: bytes,
) -> int:  # fmt: skip
    """The checksum of a row of `tiles`."""
    numbers = _TILE.pack(series, level, tile, n, first, last, _real(low), _real(high), _real(mean))
    return crc32(data, crc32(numbers))


def of_series(
    series: int, run: str, attempt: int, signal: str, part: str,
    n: int, bad: int, first: int, last: int, last_value: float | None, low: float | None, high: float | None,
) -> int:  # fmt: skip
    """The checksum of a row of `series` that has points."""
    numbers = _SERIES.pack(series, attempt, n, bad, first, last, _real(last_value), _real(low), _real(high))
    return crc32(f"{run}\0{signal}\0{part}".encode(), crc32(numbers))


def sound_tile(series: int, level: int, row: tuple[Any, ...]) -> bool:
    """Whether the rest of a row of `tiles`, its checksum last, is as it was written."""
    return _fits(of_tile, (series, level, *row[:-1]), row[-1])


def sound_series(row: tuple[Any, ...]) -> bool:
    """Whether a row of `series` that has points, its checksum last, is as it was written."""
    return _fits(of_series, row[:-1], row[-1])


def _fits(function: Callable[..., int], columns: tuple[Any, ...], checksum: int | None) -> bool:
    try:
        return function(*columns) == checksum or checksum is None
    except (struct.error, TypeError):  # a column of another type than it was written with
        return False


def _real(value: float | None) -> float:
    """As SQLite gives it back: it has no NaN and no negative zero."""
    return _NAN if value is None else value + 0.0
