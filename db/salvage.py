"""Reads a damaged SQLite file row by row into a new one, which takes its place; the damaged one stays beside it."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import StoreError
from .tables import engine as engines
from .tables import schema

CHUNK = 256  # rows read at once
_BEYOND = 1 << 14  # rows that are looked for beyond the last that is found in order, where no index says how many


def salvage(path: Path) -> Iterator[str]:
    """Puts a new file with every row that can be read in the place of a damaged one. StoreError where none can."""
    fresh = path.with_name(path.name + ".repaired")
    fresh.unlink(missing_ok=True)
    engines.open_engine(fresh).dispose()
    shutil.copymode(path, fresh)  # for whoever the old one was for
    kept = lost = 0
    with contextlib.closing(sqlite3.connect(path)) as old, contextlib.closing(sqlite3.connect(fresh)) as new:
        old.text_factory = lambda raw: raw.decode("utf-8", "replace")
        new.execute("PRAGMA synchronous = FULL")
        for table in schema.metadata.sorted_tables:
            count = _copied(old, new, table.name)
            kept += count
            with contextlib.suppress(sqlite3.Error):  # not even how many there were
                lost += max(_number(old, f"SELECT count(*) FROM {table.name}") - count, 0)
        new.commit()
        new.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    if not kept:
        fresh.unlink()
        raise StoreError(f"no row of the store {path} can be read; restore a copy of it")
    aside = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.replace(f"{path}{suffix}", f"{aside}{suffix}")
    os.replace(path, aside)
    os.replace(fresh, path)
    missing = f", about {lost:,} cannot be read" if lost else ""
    yield f"the file was damaged: {kept:,} rows are in a new one{missing}; the damaged one is {aside.name}"


def _copied(old: sqlite3.Connection, new: sqlite3.Connection, table: str) -> int:
    """Copies the rows of a table that can be read; how many."""
    known = [row[1] for row in new.execute(f"PRAGMA table_info({table})")]
    count = 0
    for names, row in _rows(old, table):
        columns = {name: value for name, value in zip(names, row, strict=True) if name in known}
        sql = f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        with contextlib.suppress(sqlite3.IntegrityError):  # a damaged row, of a column that must not be empty
            count += new.execute(sql, tuple(columns.values())).rowcount
    return count


def _rows(old: sqlite3.Connection, table: str) -> Iterator[tuple[list[str], tuple[Any, ...]]]:
    last = _last(old, table)
    waiting = [(first, min(first + CHUNK - 1, last)) for first in range(1, last + 1, CHUNK)][::-1]
    while waiting:
        first, end = waiting.pop()
        try:
            cursor = old.execute(f"SELECT * FROM {table} WHERE rowid BETWEEN ? AND ?", (first, end))
            rows = cursor.fetchall()
        except sqlite3.Error:
            if first < end:  # one row of them, or a page: the others may be whole
                middle = (first + end) // 2
                waiting += [(middle + 1, end), (first, middle)]
            continue
        names = [column[0] for column in cursor.description]
        yield from ((names, row) for row in rows)


def _last(old: sqlite3.Connection, table: str) -> int:
    """The highest number of a row, by the table or, where that is damaged, by an index of it."""
    with contextlib.suppress(sqlite3.Error):
        return _number(old, f"SELECT max(rowid) FROM {table}")
    with contextlib.suppress(sqlite3.Error):
        for _, index, *_ in old.execute(f"PRAGMA index_list({table})").fetchall():
            with contextlib.suppress(sqlite3.Error):
                return _number(old, f"SELECT max(rowid) FROM {table} INDEXED BY {index} WHERE rowid > 0")
    last = 0
    with contextlib.suppress(sqlite3.Error):
        for (row,) in old.execute(f"SELECT rowid FROM {table} ORDER BY rowid"):
            last = row
    return last + _BEYOND


def _number(old: sqlite3.Connection, sql: str) -> int:
    return int(old.execute(sql).fetchone()[0] or 0)
