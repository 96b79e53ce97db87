"""Looks for damage: in the file, in the journals, and between what the tables promise and what they hold."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np
from sqlalchemy import Connection, text

from ..errors import StoreError
from .journal.accepted import LEFT_OUT
from .journal.tail import opening
from .reading.database import Database
from .series import pyramid
from .tables.engine import integrity
from .tables.rows import rows


def problems(database: Database) -> list[str]:
    """What is wrong, a sentence each; [] when all is sound."""
    found = [f"SQLite: {line}" for line in integrity(database.engine)]
    if found:
        return found
    with database.snapshot() as snapshot:
        found += [f"run {run}: {problem}" for run, problem in snapshot.unfolded.problems.items()]
    for path in database.tail.dead():
        with contextlib.suppress(FileNotFoundError):
            if opening(path).run is None:
                found.append(f"journal {path.name} cannot be read, not even its beginning; it stays where it is")
    with database.engine.connect() as connection:
        return found + list(_in_tables(connection))


def _in_tables(connection: Connection) -> Iterator[str]:
    sql = "SELECT name, damaged_at FROM journals WHERE damaged_at IS NOT NULL"
    for name, at in connection.execute(text(sql)):
        yield f"journal {name} is damaged at byte {at}; what stands before it has been taken in"
    for run, what in connection.execute(text("SELECT run, text FROM events WHERE kind = :kind"), {"kind": LEFT_OUT}):
        yield f"run {run}: {what}"
    sql = (
        "SELECT s.run, s.signal, s.part, s.n, coalesce(sum(t.n), 0) AS held FROM series s "
        "LEFT JOIN tiles t ON t.series = s.id AND t.level = 0 GROUP BY s.id HAVING held <> s.n"
    )
    for run, signal, part, n, held in connection.execute(text(sql)):
        yield f"run {run}: {signal} {part} should have {n} points and has {held}"
    sql = "SELECT n, first_step, last_step, data FROM tiles WHERE level = 0"
    for n, first, last, data in rows(connection.execution_options(yield_per=100), sql):
        try:
            steps = pyramid.decode(data, n, first)[0]
            if steps[-1] != last or (np.diff(steps) <= 0).any():
                yield f"the {n} points of steps {first} to {last} of a series are out of order"
        except StoreError as error:
            yield str(error)
    for (run,) in connection.execute(text("SELECT run FROM series EXCEPT SELECT id FROM runs")):
        yield f"series of a run that is not there: {run}"
