"""Finds what an older version has stored of secrets, and masks it, in the free pages of the file too."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from ..masking import Masking
from .masking import VALUES, masked_fields, rule_of
from .reading.database import Database
from .recovery import fold_left_journals
from .repair import require_rest
from .tables.engine import explained
from .tables.rows import rows

_TABLES = {  # the columns that are looked at, and the kind of note whose fields they are
    "runs": ("id AS owner, name, project, note, config, provenance, tags", "run"),
    "events": ("run AS owner, kind, step, text, data", "event"),
}


@dataclass(frozen=True)
class Secret:
    """One row with something to mask: where it stands, in words, and its columns as they should be."""

    table: str
    row: int
    where: str
    columns: dict[str, str]


def stored_secrets(database: Database) -> list[str]:
    """Where the tables hold what the rule masks, a sentence each, without the values; [] where they hold nothing."""
    with database.snapshot() as snapshot:
        return [one.where for one in _found(snapshot.connection, rule_of(database.path))]


def mask_stored(path: Path) -> list[str]:
    """Masks what the rule finds in a store, a sentence each; afterwards the file holds no older copy of it.

    StoreError while a run is being written, or where the file cannot be written anew (it needs its own size once more).
    """
    require_rest(path)
    database = Database(path, create=False)
    try:
        fold_left_journals(database)
        with database.writing() as connection:
            found = list(_found(connection, rule_of(path)))
            for one in found:
                sets = ", ".join(f"{column} = :{column}" for column in one.columns)
                change = {**one.columns, "row": one.row}
                connection.execute(text(f"UPDATE {one.table} SET {sets} WHERE rowid = :row"), change)
        if found and not _written_anew(database):
            return [one.where for one in found] + [
                "older copies may remain in the file's free pages: close what has the store open, and repair it again"
            ]
        return [one.where for one in found]
    finally:
        database.close()


def _found(connection: Connection, rule: Masking) -> Iterator[Secret]:
    for table, (columns, kind) in _TABLES.items():
        for row in rows(connection, f"SELECT rowid AS place, {columns} FROM {table}"):
            fields = row._asdict()
            about = f"run {fields['owner']}"
            if kind == "event":
                about += f", {fields['kind']} at step {fields['step']}"
            changed, where = _masked(kind, fields, rule)
            if changed:
                yield Secret(table, fields["place"], f"{about}: {', '.join(where)}", changed)


def _masked(kind: str, fields: dict[str, Any], rule: Masking) -> tuple[dict[str, str], list[str]]:
    """(columns as they should be where they are not, names of what is masked)."""
    parsed = dict(fields)
    for name in VALUES[kind]:
        with contextlib.suppress(ValueError):  # a damaged row is a matter of `repair`
            parsed[name] = json.loads(fields[name])
    masked = masked_fields(kind, parsed, rule)
    columns, where = {}, []
    for name in (name for name in parsed if parsed[name] != masked[name]):
        value = masked[name]
        columns[name] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        where += sorted(rule.found(parsed[name], name)) if name in VALUES[kind] else [name]
    return columns, where


def _written_anew(database: Database) -> bool:
    """Writes the file anew, without free pages, and empties its log; False where a reader holds the log back."""
    with explained(database.path), contextlib.closing(database.engine.raw_connection()) as raw:
        cursor = raw.cursor()
        cursor.execute("VACUUM")
        busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy
