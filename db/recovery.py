"""Folds the journals whose writers are gone, so that nothing waits beside the store for ever."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from ..errors import Damaged, StoreError
from .journal import frames
from .journal.fold import fold, mark, retire
from .journal.frames import Cursor
from .journal.join import waiting
from .journal.tail import opening, unreadable
from .places.file_system import on_network
from .places.process import died_as
from .reading.database import Database
from .resume import join_left


def fold_left_journals(database: Database) -> int:
    """Folds what dead writers left and marks their runs as killed or lost; how many journals went in."""
    if database.readonly:
        return 0
    join_left(database)
    files = database.tail.files()
    waits = {path for paths in waiting(files).values() for path in paths}
    done, dead, files = 0, set(database.tail.dead()) - waits, [path for path in files if path not in waits]
    for path in files if on_network(database.path) else sorted(dead):
        complete = path in dead or any(_stem(path) == _stem(other) and other > path for other in files)
        try:
            done += _fold_one(database, path, complete, path in dead)
            database.tail.failed.pop(path.name, None)
        except FileNotFoundError:  # another opener was faster
            continue
        except Damaged as error:
            database.tail.failed[path.name] = f"{error}; its journal {path.name} waits until then"
        except StoreError:  # the store's trouble, not this journal's
            raise
        except Exception as error:  # one journal that cannot be taken in must not hold up the others
            database.tail.failed[path.name] = unreadable(path, error)
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
        stopped = frames.read(path.read_bytes()[len(frames.MAGIC) :], Cursor())[2]
        if dead and stopped != "damaged":
            path.unlink()  # killed while it was being begun: nothing is in it yet
        return False
    if dead and cursor is not None:
        _mark_dead(database, run, cursor.attempt, died_as(opening(path).process), ended)
    return complete and damaged is None and retire(database.engine, path)


def _mark_dead(database: Database, run: str, attempt: int, state: str, ended: float) -> None:
    values = {"run": run, "attempt": attempt, "state": state, "ended": ended}
    with database.writing() as connection:
        for table, which in (
            ("attempts", "run = :run AND number = :attempt"),
            ("runs", "id = :run AND attempt <= :attempt"),
        ):
            sql = f"UPDATE {table} SET state = :state, ended = :ended WHERE {which} AND state = 'running'"
            connection.execute(text(sql), values)
