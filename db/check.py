"""Looks for damage: in the file, in the journals, and between what the tables promise and what they hold."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from sqlalchemy import Connection, text

from ..keys import label
from .journal.accepted import LEFT_OUT, LOST
from .journal.tail import opening
from .reading.database import Database
from .series.keys import from_columns
from .series.summaries import COLUMNS
from .series.verify import faults
from .tables.engine import dbapi_cursor, integrity
from .tables.rows import rows

Meter = Callable[[int], None]  # is given the series verified since it was last called


def problems(database: Database, meter: Meter) -> list[str]:
    """What is wrong, a sentence each; [] when all is sound."""
    found = [f"SQLite: {line}" for line in integrity(database.engine)]
    if found:
        return found
    with database.snapshot() as snapshot:
        unfolded = snapshot.unfolded
    found += [f"run {run}: {problem}" for run, problem in unfolded.problems.items()]
    for run, _, _, event in unfolded.notes(None, "event"):
        if event["kind"] in (LEFT_OUT, LOST):
            found.append(f"run {run}: {event['text']}")
    for path in database.tail.dead():
        with contextlib.suppress(FileNotFoundError):
            if opening(path).run is None:
                found.append(f"journal {path.name} cannot be read, not even its beginning; it stays where it is")
            elif path in unfolded.torn:
                found.append(_damaged(path.name, unfolded.torn[path]))
    with database.engine.connect() as connection:
        found += _in_tables(connection, meter)
    return list(dict.fromkeys(found))  # a torn journal may have been folded as far as it goes, or not


def _in_tables(connection: Connection, meter: Meter) -> Iterator[str]:
    sql = "SELECT name, damaged_at FROM journals WHERE damaged_at IS NOT NULL"
    for name, at in rows(connection, sql):
        yield _damaged(name, at)
    sql = (
        "SELECT run, text FROM events WHERE kind = :left_out "
        "OR (kind = :lost AND run IN (SELECT run FROM journals WHERE damaged_at IS NOT NULL))"
    )
    for run, what in connection.execute(text(sql), {"left_out": LEFT_OUT, "lost": LOST}):
        yield f"run {run}: {what}"
    yield from _in_series(connection, meter)
    for (run,) in connection.execute(text("SELECT run FROM series EXCEPT SELECT id FROM runs")):
        yield f"series of a run that is not there: {run}"


def _damaged(journal: str, at: int) -> str:
    return f"journal {journal} is damaged at byte {at}; what is whole of it counts, and the file stays where it is"


def _in_series(connection: Connection, meter: Meter) -> Iterator[str]:
    """What is wrong with the points, a sentence each."""
    series, tiles = dbapi_cursor(connection), dbapi_cursor(connection)
    for row in series.execute(f"SELECT {COLUMNS} FROM series ORDER BY id"):
        for sentence in faults(tiles, row):
            yield f"run {row[1]}: {label(from_columns(row[3], row[4]))}: {sentence}"
        meter(1)
    orphans = "SELECT DISTINCT series FROM tiles WHERE series NOT IN (SELECT id FROM series)"
    for (number,) in tiles.execute(orphans):
        yield f"points of a series that is not there: {number}"
