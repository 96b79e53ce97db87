"""Many series of a run at once, for a reader that follows all of them: where each ends, and what is new in each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np

from ...keys import SeriesKey, signal_of
from ..series.summaries import summaries
from ..tables.engine import dbapi_cursor
from .attempts import pieces
from .database import Snapshot
from .points import reader


class End(NamedTuple):
    """Where one series of the surviving line ends: its last step, its number of points, its mean gap in steps."""

    last: int
    n: int
    gap: float


def ends(snapshot: Snapshot, run: str, signals: Collection[str]) -> dict[SeriesKey, End]:
    """The end of every series of these signals that has points; reads no points."""
    found: dict[tuple[int, SeriesKey], tuple[int, int, int]] = {}
    for one in summaries(dbapi_cursor(snapshot.connection), run):
        if signal_of(one.key) in signals:
            found[one.attempt, one.key] = one.n, one.first, one.last
    for where, (n, first, last) in snapshot.unfolded.extents(run).items():
        if signal_of(where[1]) in signals:
            known = found.get(where, (0, first, last))
            found[where] = known[0] + n, min(known[1], first), max(known[2], last)
    out: dict[SeriesKey, End] = {}
    for piece in pieces(snapshot, run):
        for (attempt, key), (n, first, last) in found.items():
            if attempt == piece.attempt and first <= piece.high:
                gap = (last - first) / (n - 1) if n > 1 else float("inf")
                before = out.get(key)
                out[key] = End(min(last, piece.high), n + (before.n if before else 0), gap)
    return out


def counts(snapshot: Snapshot) -> tuple[int, int]:
    """How many series and points there are, of all runs and attempts."""
    connection, unfolded = snapshot
    series = "SELECT count(*) FROM (SELECT DISTINCT run, signal, part FROM series)"
    stored, points = dbapi_cursor(connection).execute(f"SELECT ({series}), coalesce(sum(n), 0) FROM series").fetchone()
    for run in unfolded.runs:
        extents = unfolded.extents(run)
        known = {one.key for one in summaries(dbapi_cursor(connection), run)} if extents else set()
        stored += len({key for _, key in extents} - known)
        points += sum(n for n, _, _ in extents.values())
    return stored, points


def newer(
    snapshot: Snapshot, run: str, after: Mapping[SeriesKey, int], upto: int
) -> dict[SeriesKey, tuple[np.ndarray, np.ndarray]]:
    """Of each series that has any, the points with after[key] < step <= upto on the surviving line."""
    out = {}
    line = pieces(snapshot, run, (min(after.values(), default=0), upto))
    for key, low in after.items():
        found = [
            reader(snapshot, run, piece.attempt, key).points(*piece.share(low, upto))
            for piece in line
            if max(piece.low, low) < min(piece.high, upto)
        ]
        found = [points for points in found if len(points[0])]
        if found:
            out[key] = np.concatenate([steps for steps, _ in found]), np.concatenate([values for _, values in found])
    return out


def latest(snapshot: Snapshot, run: str) -> dict[SeriesKey, tuple[int, float]]:
    """The newest point of every series on the surviving line, as (step, value)."""
    out: dict[SeriesKey, tuple[int, float]] = {}
    connection, unfolded = snapshot
    fresh = unfolded.keys(run)
    for piece in reversed(pieces(snapshot, run)):
        ends_of = summaries(dbapi_cursor(connection), run, "AND attempt = ?", piece.attempt)
        stored = {one.key: (one.last, one.value) for one in ends_of}
        for key in dict.fromkeys([*stored, *(key for at, key in fresh if at == piece.attempt)]):
            step, value = stored.get(key, (None, None))
            steps, values = unfolded.points(run, piece.attempt, key)
            if len(steps) and (step is None or steps[-1] >= step):
                step, value = int(steps[-1]), float(values[-1])
            if step is not None and step > piece.high:  # its end was abandoned: the newest point is inside
                steps, values = reader(snapshot, run, piece.attempt, key).newest(piece.high)
                step, value = (int(steps[0]), float(values[0])) if len(steps) else (None, None)
            if step is not None and step > piece.low:
                out.setdefault(key, (step, float("nan") if value is None else value))
    return out
