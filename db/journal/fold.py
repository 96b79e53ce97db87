"""Folds a journal into the tables: rows and the mark of how far it was read in one transaction, so exactly once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, text
from sqlalchemy.dialects.sqlite import insert

from ...keys import SeriesKey
from ..masking import masked_note, rule_of
from ..series import pyramid, tiles
from ..series.keys import storable, to_columns
from ..series.pyramid import Points
from ..tables import schema
from ..tables.durable import make_durable, synced
from ..tables.engine import path_of, writing
from ..tables.rows import rows
from . import frames
from .accepted import accepted
from .claims import release
from .frames import Block, Cursor
from .tail import run_of, unnamed

FOLD_BYTES = 4 << 20  # of journal in one transaction: other writers wait for one at most some tens of milliseconds
_JSON = ("config", "provenance", "size", "tags", "axes", "data")


def fold(engine: Engine, path: Path, *, final: bool = False) -> bool:
    """Folds what `path` holds beyond its mark, up to FOLD_BYTES; True when there is more to do.

    `final`: nobody writes to it any more, so an unfinished last frame is damage. The first damage is recorded.
    FileNotFoundError when somebody else has folded it whole and deleted it.
    """
    with writing(engine) as connection:
        cursor, run, known_damage = mark(connection, path.name)
        if cursor is None:
            return False
        with open(path, "rb") as file:
            file.seek(cursor.offset)
            data = file.read(FOLD_BYTES)
            more = bool(file.read(1))
        start = cursor.offset
        blocks, notes, stopped = frames.read(data, cursor)
        if stopped == "unfinished" and more and cursor.offset == start:  # one frame larger than a transaction's share
            data = path.read_bytes()[start:]
            blocks, notes, stopped = frames.read(data, cursor)
            more = False
        stop = cursor.offset if stopped == "damaged" or (stopped and final and not more) else None
        damaged = next((at for at in (known_damage, cursor.damaged, stop) if at is not None), None)
        if cursor.offset == start and damaged == known_damage:
            return False
        entries = [(note.attempt, entry) for note in notes for entry in accepted(note.entry, note.attempt)]
        if run is None and (blocks or notes):
            run = next((entry["run"]["id"] for _, entry in entries if "run" in entry), None) or run_of(path)
            entries.append((0, accepted(unnamed(path), 0)[0]))  # nothing new, unless its own is damaged
        if run is None:
            return False
        rule = rule_of(path_of(engine))  # the writer may be an older one, which masked less
        for attempt, entry in entries:
            take_note(connection, run, attempt, masked_note(entry, rule))
        write_points(connection, run, gather(blocks))
        row = {"name": path.name, "run": run, "folded": cursor.offset, "state": cursor.to_json(), "damaged_at": damaged}
        connection.execute(insert(schema.journals).values(row).on_conflict_do_update(["name"], set_=row))
        return more and stopped != "damaged"


def retire(engine: Engine, path: Path) -> bool:
    """Deletes a journal that has been folded whole; a damaged one stays, so that nothing is lost to a second look.

    First its rows are synced, or it stays; then its mark says so, the file goes, and then the mark: at every moment,
    the one of a power cut included, a reader has it all, and once.
    """
    if not make_durable(engine):
        return False
    name = {"name": path.name}
    with writing(engine) as connection:
        sql = (
            "UPDATE journals SET retired = 1, state = '' "
            "WHERE name = :name AND (retired OR (folded = :size AND damaged_at IS NULL))"
        )
        if not connection.execute(text(sql), name | {"size": path.stat().st_size}).rowcount:
            return False
    path.unlink(missing_ok=True)
    if not synced(path.parent):  # a file that a power cut brings back must still find its mark
        return True
    with writing(engine) as connection:
        done = text("DELETE FROM journals WHERE name = :name AND retired RETURNING run")
        run = connection.execute(done, name).scalar()
        newest = connection.execute(text("SELECT max(number) FROM attempts WHERE run = :run"), {"run": run}).scalar()
    if run is not None and newest is not None:
        release(path.parent, run, newest)
    return True


def mark(connection: Connection, name: str) -> tuple[Cursor | None, str | None, int | None]:
    """How far a journal has been folded in, of which run, and where it is damaged.

    A new journal stands at its beginning; a retired one has no cursor.
    """
    sql = text("SELECT run, folded, state, retired, damaged_at FROM journals WHERE name = :name")
    row = connection.execute(sql, {"name": name}).fetchone()
    if row is None:
        return Cursor(), None, None
    return (None if row[3] else Cursor.from_json(row[1], row[2])), row[0], row[4]


def gather(blocks: list[Block]) -> dict[tuple[int, SeriesKey], tuple[np.ndarray, np.ndarray]]:
    """Blocks of points -> one strictly increasing series for each (attempt, key); the last value of a step wins."""
    found: dict[tuple[int, SeriesKey], list[tuple[np.ndarray, np.ndarray, np.ndarray]]] = {}
    for block in blocks:
        columns = np.ascontiguousarray(block.values.T)
        for key, column in zip(block.keys, columns, strict=True):
            found.setdefault((block.attempt, key), []).append((block.steps, column, block.order))
    out = {}
    for where, pieces in found.items():
        if len(pieces) == 1:
            out[where] = pyramid.merge(pieces[0][0], pieces[0][1])
        else:
            steps, values, order = (np.concatenate(column) for column in zip(*pieces, strict=True))
            out[where] = pyramid.merge(steps, values, order)
    return out


def write_points(connection: Connection, run: str, points: Mapping[tuple[int, SeriesKey], Points]) -> None:
    """Upserts `{(attempt, key): (steps, values)}` of a run, creating the series it names."""
    if not points:
        return
    ids = series_ids(connection, run, list(points))
    tiles.write(connection, ((ids[where], *arrays) for where, arrays in points.items()))


def series_ids(
    connection: Connection, run: str, wanted: list[tuple[int, SeriesKey]]
) -> dict[tuple[int, SeriesKey], int]:
    sql = "SELECT attempt, signal, part, id FROM series WHERE run = :run"
    known = {(a, s, p): i for a, s, p, i in rows(connection, sql, {"run": run})}
    new = [where for where in wanted if (where[0], *to_columns(where[1])) not in known]
    if new:
        added = [{"run": run, "attempt": a, "signal": to_columns(k)[0], "part": to_columns(k)[1]} for a, k in new]
        add = "INSERT OR IGNORE INTO series (run, attempt, signal, part) VALUES (:run, :attempt, :signal, :part)"
        connection.execute(text(add), added)
        known = {(a, s, p): i for a, s, p, i in rows(connection, sql, {"run": run})}
    return {where: known[where[0], *to_columns(where[1])] for where in wanted}


def take_note(connection: Connection, run: str | None, attempt: int, note: dict[str, Any]) -> None:
    """Writes one note of a journal (see `frames.py`) into its table.

    Journals of one run may come in any order, a dead attempt's after its successor's: what an earlier attempt says of
    the run as a whole does not overrule a later one.
    """
    for kind, value in note.items():
        value = {k: _column(k, v) for k, v in value.items()}
        if kind == "run":
            columns = {k: v for k, v in value.items() if k in schema.runs.c}
            connection.execute(insert(schema.runs).values(columns).on_conflict_do_nothing())
        elif kind == "attempt":
            connection.execute(insert(schema.attempts).values(run=run, **value).on_conflict_do_nothing())
            _update(connection, run, attempt, {"attempt": attempt, "state": "running", "ended": None})
        elif kind in ("describe", "explain"):
            row = {"run": run} | {k: v for k, v in value.items() if k in schema.signals.c}
            connection.execute(insert(schema.signals).values(row).on_conflict_do_update(["run", "name"], set_=row))
        elif kind == "event":
            connection.execute(insert(schema.events).values(run=run, **value))
        elif kind == "evaluation":
            value["value"] = repr(float(value["value"]))
            row = {"run": run, **value}
            keys = ["run", "attempt", "step", "task", "metric", "subset", "weights"]
            connection.execute(insert(schema.evaluations).values(row).on_conflict_do_update(keys, set_=row))
        elif kind == "plan":
            value = {**value, "knots": json.dumps(value["knots"])}
            connection.execute(insert(schema.plans).values(run=run, **value))
        elif kind == "update":
            _update(connection, run, attempt, value)
        elif kind == "close":
            ended = {"state": value["state"], "ended": value["time"]}
            sql = "UPDATE attempts SET state = :state, ended = :ended WHERE run = :run AND number = :number"
            connection.execute(text(sql), {**ended, "run": run, "number": attempt})
            _update(connection, run, attempt, {**ended, "last_seen": value["time"]})


def _column(name: str, value: Any) -> Any:
    if name in _JSON:
        value = json.dumps(value, ensure_ascii=False, default=str)
    return storable(value) if isinstance(value, str) else value


def _update(connection: Connection, run: str | None, attempt: int, fields: dict[str, Any]) -> None:
    columns = {k: v for k, v in fields.items() if k in schema.runs.c}
    if columns:
        which = (schema.runs.c.id == run) & (schema.runs.c.attempt <= attempt)
        connection.execute(schema.runs.update().where(which).values(columns))
