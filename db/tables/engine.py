"""Opens the file: pragmas, explicit transactions, and one clear sentence for each way in which that can fail."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, QueuePool

from ...errors import StoreError
from ..places.file_system import full, on_network
from ..places.modes import create_store
from . import migrations

BUSY_SECONDS = 5.0
SMALLEST = 512  # bytes of a file of SQLite's that holds anything


def open_engine(path: Path, *, create: bool = True, readonly: bool = False) -> Engine:
    """An engine on a store in today's shape; migrates an older one. Raises StoreError in one sentence."""
    there = os.path.exists(path)  # os.path: a folder without permission is an answer here, not an exception
    if os.path.isdir(path):
        raise StoreError(f"{path} is a folder; expected a store's file, such as {path / 'runs.db'}")
    if not there and (not create or readonly):
        raise StoreError(f"no store at {path}; start one with `barograph demo`, or give its path with --store")
    if not there and not os.path.isdir(path.parent):
        raise StoreError(f"no folder {path.parent} for the store; create it first (mkdir -p)")
    if there and not _is_sqlite(path):
        raise StoreError(f"the store {path} is not an SQLite database; expected one, such as runs.db")
    network = on_network(path)
    if not readonly and not os.access(path if there else path.parent, os.W_OK):
        if not there:
            raise StoreError(f"cannot write into {path.parent} (permission denied); choose a folder you may write to")
        readonly = True
    if there and full(path):  # not even the index of a write-ahead log can be made: what is there is read all the same
        readonly = True
    if not there:
        create_store(path)
    engine = _connect(path, readonly, network)
    try:
        with explained(path), engine.connect() as connection:
            todo = migrations.pending(connection)
        if todo and readonly:
            raise StoreError(f"{path} is read-only and in an older shape; open it once where it may be written")
        if not readonly:
            _keep_log(engine, path, network)
        for name in todo:
            with writing(engine) as connection:
                if name in migrations.pending(connection):  # another process may have been first
                    migrations.apply(connection, name)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _is_sqlite(path: Path) -> bool:
    """Whether a file may be SQLite's by its size: SQLite would make a store out of a very short text.

    Never by reading it: closing the file would drop the locks of every connection that this process has to it, and
    another process could then throw the write-ahead log away under them. SQLite itself refuses a longer text.
    """
    try:
        size = os.stat(path).st_size
    except OSError:
        return True  # SQLite will say what is wrong with it
    return size == 0 or size >= SMALLEST


def _keep_log(engine: Engine, path: Path, network: bool) -> None:
    """A write-ahead log, but none on a network file system, where its shared memory works on one host only.

    The file itself remembers it; so this comes after the look at whose file it is.
    """
    with explained(path), contextlib.closing(engine.raw_connection()) as raw:
        raw.cursor().execute(f"PRAGMA journal_mode = {'DELETE' if network else 'WAL'}")


def _connect(path: Path, readonly: bool, network: bool) -> Engine:
    # A write-ahead log needs room in a writable folder even for reading, unless the file is promised not to change.
    # That holds for a moment only, while nobody writes: each reading has a connection of its own, and asks anew.
    frozen = readonly and (not os.access(path.parent, os.W_OK) or full(path))
    if readonly:
        url = URL.create("sqlite", database=f"file:{_quoted(path)}", query={"uri": "true", "mode": "ro"})
    else:
        url = URL.create("sqlite", database=str(path))
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        poolclass=NullPool if network or frozen else QueuePool,
    )

    @event.listens_for(engine, "do_connect")
    def _as_it_is_now(_dialect: Any, _record: Any, arguments: list[Any], _options: Any) -> None:
        if frozen and not _has_log(path):
            arguments[0] += "&immutable=1"

    @event.listens_for(engine, "connect")
    def _pragmas(raw: sqlite3.Connection, _record: Any) -> None:
        raw.isolation_level = None  # transactions begin where `begin` below sets them
        raw.text_factory = _words
        raw.execute("PRAGMA synchronous = NORMAL")
        raw.execute("PRAGMA cache_size = -16000")
        raw.execute("PRAGMA temp_store = MEMORY")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("barograph_begin", "BEGIN"))

    return engine


def _words(raw: bytes) -> str:
    """A text column; one changed byte must not take down every row that is read with it."""
    return raw.decode("utf-8", "replace")


def _has_log(path: Path) -> bool:
    """Whether rows wait in a write-ahead log."""
    try:
        return os.stat(f"{path}-wal").st_size > 0
    except OSError:
        return False


def path_of(engine: Engine) -> Path:
    """The store's file, as a user would write it."""
    name = engine.url.database or ""
    return Path(unquote(name.removeprefix("file:")) if "uri" in engine.url.query else name)


def _quoted(path: Path) -> str:
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


@contextlib.contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A write transaction that takes its place in the queue at once: it never fails half-way for want of the lock."""
    with explained(path_of(engine)), engine.connect() as connection:
        with connection.execution_options(barograph_begin="BEGIN IMMEDIATE").begin():
            yield connection


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns SQLite's errors into sentences a user can act on."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        reason = getattr(error, "orig", error)
        raw = str(reason).lower()
        if "not a database" in raw or "malformed" in raw or "file is encrypted" in raw:
            why = "is damaged, or is not an SQLite database; expected one: move it aside, or restore a copy"
        elif "locked" in raw or "busy" in raw:
            why = f"has been locked by another program for {BUSY_SECONDS:g} s; close what holds it"
        elif "full" in raw or (
            full(path) and any(words in raw for words in ("readonly", "disk i/o", "unable to open"))
        ):
            why = "cannot grow: the disk is full; free some space"
        elif "readonly" in raw or "read-only" in raw:
            why = "is read-only; make it and its folder writable, or copy it elsewhere"
        elif "unable to open" in raw or "disk i/o" in raw:
            why = f"cannot be opened ({reason}); check the permissions of the file and of its folder"
        else:
            raise
        raise StoreError(f"the store {path} {why}") from error


def dbapi_cursor(connection: Connection) -> sqlite3.Cursor:
    """SQLite's own cursor inside a transaction, for hot statements: prepared once, not compiled for each row."""
    return cast(sqlite3.Connection, connection.connection.dbapi_connection).cursor()


def integrity(engine: Engine) -> list[str]:
    """SQLite's own check of the file: [] when sound."""
    try:
        with engine.connect() as connection:
            rows = [row[0] for row in connection.execute(text("PRAGMA integrity_check(10)"))]
    except DBAPIError as error:
        return [str(error.orig)]
    return [] if rows == ["ok"] else rows
