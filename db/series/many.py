"""Many series of a run at once, for a reader that follows all of them: where each ends, and what is new in each."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np
from sqlalchemy import text

from ..journal.frames import Key
from .lineage import FAR, line, read_attempts
from .reader import Reading


class End(NamedTuple):
    """Where one series of the surviving line ends: its last step, its number of points, its mean gap in steps."""

    last: int
    n: int
    gap: float


class Many:
    """The part of `Store` that reads many series in one go; needs its `snapshot`."""

    def ends(self, run: str, signals: Collection[str]) -> dict[Key, End]:
        """The end of every series of these signals that has points; reads no points."""
        with self.snapshot() as (connection, rest):
            pieces = line(read_attempts(connection, rest, run))
            sql = "SELECT attempt, signal, part, n, first_step, last_step FROM series WHERE run = :run AND n > 0"
            found = {}
            for attempt, signal, part, *extent in connection.execute(text(sql), {"run": run}):
                if signal in signals:
                    found[attempt, (signal, *json.loads(part)) if part != "[]" else signal] = tuple(extent)
            for where, (n, first, last) in rest.extents(run).items():
                if (where[1] if isinstance(where[1], str) else where[1][0]) in signals:
                    known = found.get(where, (0, first, last))
                    found[where] = known[0] + n, min(known[1], first), max(known[2], last)
        out: dict[Key, End] = {}
        for piece in pieces:
            for (attempt, key), (n, first, last) in found.items():
                if attempt == piece.attempt and first <= piece.high:
                    gap = (last - first) / (n - 1) if n > 1 else float("inf")
                    before = out.get(key)
                    out[key] = End(min(last, piece.high), n + (before.n if before else 0), gap)
        return out

    def newer(self, run: str, after: Mapping[Key, int], upto: int = FAR) -> dict[Key, tuple[np.ndarray, np.ndarray]]:
        """Of each series the points with after[key] < step <= upto on the surviving line: (steps, values), or nothing.

        One consistent look at all of them; steps strictly increasing.
        """
        out = {}
        with self.snapshot() as (connection, rest):
            pieces = line(read_attempts(connection, rest, run), (min(after.values(), default=0), upto))
            for key, low in after.items():
                found = [
                    Reading(connection, rest, run, piece.attempt, key).points(*piece.share(low, upto))
                    for piece in pieces
                    if max(piece.low, low) < min(piece.high, upto)
                ]
                found = [points for points in found if len(points[0])]
                if found:
                    out[key] = tuple(np.concatenate(column) for column in zip(*found, strict=True))
        return out
