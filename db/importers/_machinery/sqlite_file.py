"""Reading another tool's SQLite file: never changed, never trusted, in pages of rows."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ....errors import StoreError
from ...exchange.names import plain
from .lines import Meter

MAGIC = b"SQLite format 3\0"
PAGE = 50_000  # rows
UNREADABLE = (sqlite3.Error, ValueError)  # what a damaged file raises; ValueError where its own words are no text


@contextlib.contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The file, read only; a live writer's newest rows are there, too. StoreError where it is no database."""
    try:
        connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=5)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    except UNREADABLE as error:
        raise StoreError(f"{plain(str(path), 300)}: cannot be opened ({error})") from error
    with contextlib.closing(connection):
        yield connection


def has(path: Path, tables: Mapping[str, set[str]]) -> bool:
    """Whether the file has these tables (no views: they would be somebody's code) with these columns."""
    try:
        with opened(path) as connection:
            return all(columns <= columns_of(connection, table) for table, columns in tables.items())
    except UNREADABLE:
        return False


def columns_of(connection: sqlite3.Connection, table: str) -> set[str]:
    kind = connection.execute("SELECT type FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    if kind != ("table",):
        return set()
    return {row[0] for row in connection.execute("SELECT name FROM pragma_table_info(?)", (table,))}


def pages(
    connection: sqlite3.Connection, sql: str, which: tuple[Any, ...], rows: int, path: Path, meter: Meter
) -> Iterator[tuple[int, list[tuple[Any, ...]], bool]]:
    """Yields (number of the first row from 1, some rows, whether reading failed behind them) of a query.

    `rows`, how many there are, gives the share of the file's bytes that the meter is given.
    """
    first, metered, size = 1, 0, path.stat().st_size
    cursor, found, failed = None, [], False
    while not failed:
        try:
            cursor = cursor or connection.execute(sql, which)
            found = cursor.fetchmany(PAGE)
        except UNREADABLE:
            found, failed = [], True
        if found or failed:
            yield first, found, failed
        first += len(found)
        share = min(size, size * (first - 1) // max(rows, 1)) if found else size
        meter(share - metered)
        metered = share
        if not found:
            return
