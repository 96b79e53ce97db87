"""Folds the journals whose writers are gone, so that nothing waits beside the store for ever."""

from __future__ import annotations

import contextlib
from pathlib import Path

from sqlalchemy import text

from .journal import frames
from .journal.fold import fold, mark, retire
from .journal.frames import Cursor
from .journal.join import waiting
from .places.file_system import on_network
from .reading.database import Database
from .resume import join_left


def fold_left_journals(database: Database) -> int:
    """Folds what dead writers left and marks their runs as stopped; how many journals went in."""
    if database.readonly:
        return 0
    join_left(database)
    files = database.tail.files()
    waits = {path for paths in waiting(files).values() for path in paths}
    done, dead, files = 0, set(database.tail.dead()) - waits, [path for path in files if path not in waits]
    for path in files if on_network(database.path) else sorted(dead):
        complete = path in dead or any(_stem(path) == _stem(other) and other > path for other in files)
        with contextlib.suppress(FileNotFoundError):  # another opener was faster
            done += _fold_one(database, path, complete, path in dead)
    return done


def _stem(path: Path) -> list[str]:
    """What the journals of one writer have in common."""
    return path.stem.split(".")[:-1]


def _fold_one(database: Database, path: Path, complete: bool, dead: bool) -> bool:
    """Folds one journal; `complete`: nobody writes to it any more."""
    ended = path.stat().st_mtime
    while fold(database.engine, path, final=complete):
        pass
    with database.engine.connect() as connection:
        cursor, run, damaged = mark(connection, path.name)
    if run is None:
        _, notes, stopped = frames.read(path.read_bytes()[len(frames.MAGIC) :], Cursor())
        if dead and not notes and stopped != "damaged":
            path.unlink()  # killed while it was being begun: nothing is in it yet
        return False
    if dead and cursor is not None:
        _mark_stopped(database, run, cursor.attempt, ended)
    return complete and damaged is None and retire(database.engine, path)


def _mark_stopped(database: Database, run: str, attempt: int, ended: float) -> None:
    values = {"run": run, "attempt": attempt, "ended": ended}
    with database.writing() as connection:
        for table, key, number in (("runs", "id", "attempt"), ("attempts", "run", "number")):
            change = f"UPDATE {table} SET state = 'stopped', ended = :ended"
            where = f"{key} = :run AND {number} <= :attempt AND state = 'running'"
            connection.execute(text(f"{change} WHERE {where}"), values)
