"""Brings a store's tables to today's shape: each file here once, in order, in one transaction with its record."""

from __future__ import annotations

import importlib
import pkgutil
import time
from collections.abc import Callable

from sqlalchemy import Connection, text

from ....errors import StoreError


def known() -> list[str]:
    return sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name.startswith("m"))


def applied(connection: Connection) -> list[str]:
    """Names of the migrations this file has seen; [] for a blank one. StoreError for somebody else's tables."""
    tables = {row[0] for row in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))}
    if "barograph_migrations" in tables:
        return [row[0] for row in connection.execute(text("SELECT name FROM barograph_migrations ORDER BY name"))]
    if tables - {"sqlite_sequence"}:
        some = ", ".join(sorted(tables)[:3])
        raise StoreError(
            f"this is an SQLite database, but not a Barograph store (it holds {some}); choose another file"
        )
    return []


def pending(connection: Connection, names: list[str] | None = None) -> list[str]:
    """What is still to do. StoreError where the file has migrations that this version does not know."""
    names = known() if names is None else names
    done = applied(connection)
    newer = [name for name in done if name not in names]
    if newer:
        raise StoreError(
            f"the store was written by a newer Barograph (it has {newer[-1]}, this version knows up to {names[-1]}); "
            "upgrade with `pip install -U barograph`"
        )
    return [name for name in names if name not in done]


def apply(connection: Connection, name: str, upgrade: Callable[[Connection], None] | None = None) -> None:
    """Runs one migration inside the caller's transaction and records it there."""
    upgrade = upgrade or importlib.import_module(f"{__name__}.{name}").upgrade
    upgrade(connection)
    connection.execute(
        text("CREATE TABLE IF NOT EXISTS barograph_migrations (name TEXT PRIMARY KEY, applied REAL NOT NULL)")
    )
    connection.execute(
        text("INSERT INTO barograph_migrations VALUES (:name, :now)"), {"name": name, "now": time.time()}
    )
