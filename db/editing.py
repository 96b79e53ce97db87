"""What a user changes of a run: its name, note and tags, a request to stop, its removal."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import insert, text

from ..errors import NoSuchRun, StoreError
from .journal.claims import release
from .masking import rule_of
from .reading.database import Database
from .records import Run
from .series.keys import storable
from .series.lineage import FAR
from .tables import schema

_TABLES = ("findings", "forecasts", "attempts", "signals", "series", "events", "evaluations", "plans", "journals")


def edit(database: Database, run: str, name: str | None, note: str | None, tags: Iterable[str] | None) -> None:
    """Changes what is not None; StoreError for an empty name."""
    if name is not None and not name.strip():
        raise StoreError("a run's name cannot be empty; give it at least one letter")
    rule = rule_of(database.path)
    labels = None if tags is None else json.dumps(rule.value(list(tags)), ensure_ascii=False)
    given = {"name": name and rule.text(name), "note": note and rule.text(note), "tags": labels}
    _update(database, run, {column: storable(value) for column, value in given.items() if value is not None})


def request_stop(database: Database, run: Run, reason: str) -> None:
    """Writes the request to the run's current attempt."""
    _update(database, run.id, {"stop_requested": 1 + run.attempt, "stop_reason": storable(reason)})


def _update(database: Database, run: str, change: dict[str, str | int]) -> None:
    if not change:
        return
    sets = ", ".join(f"{column} = :{column}" for column in change)
    with database.writing() as connection:
        done = connection.execute(text(f"UPDATE runs SET {sets} WHERE id = :which"), {**change, "which": run})
        if done.rowcount == 0:
            raise NoSuchRun(
                f"no run {run[:80]!r} in the store's tables yet; if it has just begun, try again in a moment"
            )


def delete(database: Database, run: str) -> None:
    """Removes a run with its journals. StoreError while it is still being written."""
    with database.snapshot() as snapshot:
        if snapshot.unfolded.live(run):
            raise StoreError("this run is still being written; stop it first")
    files = [path for path in database.tail.files() if path.name.startswith(run + ".")]
    with database.writing() as connection:
        which = {"run": run}
        connection.execute(text("DELETE FROM tiles WHERE series IN (SELECT id FROM series WHERE run = :run)"), which)
        for table in _TABLES:
            connection.execute(text(f"DELETE FROM {table} WHERE run = :run"), which)
        connection.execute(text("DELETE FROM runs WHERE id = :run"), which)
        for path in files:  # so that nobody folds them again before they are gone
            row = {"name": path.name, "run": run, "folded": 0, "state": "", "retired": 1}
            connection.execute(insert(schema.journals).values(row))
    for path in files:
        path.unlink(missing_ok=True)
    release(database.tail.folder, run, FAR)
    with database.writing() as connection:
        connection.execute(text("DELETE FROM journals WHERE run = :run AND retired"), which)
