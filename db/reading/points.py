"""The points of a run's series: raw, or in buckets at a chart's resolution."""

from __future__ import annotations

import numpy as np

from ...keys import SeriesKey, part_of, series_key, signal_of
from ..records import Buckets, Hole, Series
from ..series import pyramid
from ..series.keys import from_columns
from ..series.lineage import Piece, window
from ..series.reader import SeriesReader, bucket_size
from ..tables.rows import rows
from .attempts import pieces
from .database import Snapshot


def reader(snapshot: Snapshot, run: str, attempt: int, key: SeriesKey) -> SeriesReader:
    """One attempt's share of a series, stored and unfolded points together."""
    return SeriesReader(snapshot.connection, run, attempt, key, snapshot.unfolded.points(run, attempt, key))


def series_keys(snapshot: Snapshot, run: str) -> list[SeriesKey]:
    """Every series of a run, in the order of their first points."""
    sql = "SELECT signal, part FROM series WHERE run = :run ORDER BY id"
    stored = {from_columns(*row): None for row in rows(snapshot.connection, sql, {"run": run})}
    return list(stored | {key: None for _, key in snapshot.unfolded.keys(run)})


def series(
    snapshot: Snapshot,
    run: str,
    signal: str,
    part: tuple[str, ...] = (),
    within: tuple[int, int] = window(None, None),
    attempt: int | None = None,
) -> Series:
    """The raw points with a step in `within` (low, high]; no such series: one without points."""
    key = series_key(signal, part)
    steps, values = [np.empty(0, np.int64)], [np.empty(0)]
    holes: list[Hole] = []
    for piece in pieces(snapshot, run, within, attempt):
        one, share = reader(snapshot, run, piece.attempt, key), piece.share(*within)
        found = one.points(*share)
        steps.append(found[0])
        values.append(found[1])
        holes += one.holes(*share)
    return Series(signal, tuple(part), _joined(steps), _joined(values), tuple(holes))


def _joined(arrays: list[np.ndarray]) -> np.ndarray:
    """Arrays behind each other; one alone as it is."""
    filled = [array for array in arrays if len(array)] or arrays[:1]
    return filled[0] if len(filled) == 1 else np.concatenate(filled)


def buckets(
    snapshot: Snapshot, run: str, key: SeriesKey, line: list[Piece], within: tuple[int, int], width: int
) -> Buckets:
    """The series in `width` to 2 x `width` buckets, along the pieces of `line`."""
    readers = [(reader(snapshot, run, piece.attempt, key), piece) for piece in line]
    spans = [one.span(piece, *within) for one, piece in readers]
    size = bucket_size(sum(max(b - a, 0) for a, b in spans), width)
    found = [one.buckets(piece, *within, size) for one, piece in readers]
    joined = np.concatenate(found) if found else np.empty(0, pyramid.BUCKET)
    holes = tuple(hole for one, piece in readers for hole in one.holes(*piece.share(*within)))
    columns = {name: joined[name] for name in pyramid.BUCKET.names or ()}
    return Buckets(signal_of(key), part_of(key), **columns, holes=holes)
