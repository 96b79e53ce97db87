"""A run's attempts, and which steps of each belong to the line that survives."""

from __future__ import annotations

from dataclasses import replace

from ..records import Attempt
from ..series.lineage import FAR, Piece, line, settled, window
from ..tables.engine import dbapi_cursor
from .database import Snapshot


def recorded_attempts(snapshot: Snapshot, run: str) -> list[Attempt]:
    """The run's attempts in order, with the states that they recorded themselves."""
    sql = "SELECT number, from_step, started, ended, state FROM attempts WHERE run = ? ORDER BY number"
    found = {row[0]: Attempt(*row) for row in dbapi_cursor(snapshot.connection).execute(sql, (run,))}
    for _, number, kind, note in snapshot.unfolded.notes(run, "attempt", "close"):
        if kind == "attempt":
            found.setdefault(number, Attempt(**note))
        elif number in found:
            found[number] = replace(found[number], state=note["state"], ended=note["time"])
    return [found[number] for number in sorted(found)] or [Attempt(0, 0, 0.0)]


def attempts(snapshot: Snapshot, run: str) -> list[Attempt]:
    """The run's attempts in order, with their true states."""
    unfolded = snapshot.unfolded
    last = "running" if unfolded.live(run) is not None else unfolded.died_as(run)
    return settled(recorded_attempts(snapshot, run), last)


def pieces(
    snapshot: Snapshot, run: str, within: tuple[int, int] = (-FAR, FAR), attempt: int | None = None
) -> list[Piece]:
    """What to read of a run: its surviving line as far as it touches `within` (low, high], or one attempt whole."""
    if attempt is not None:
        return [Piece(attempt, *window(None, None))]
    return line(recorded_attempts(snapshot, run), within)
