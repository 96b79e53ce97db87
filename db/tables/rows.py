"""The rows of a query written as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, text


def rows(connection: Connection, sql: str, values: Mapping[str, object] | None = None) -> Iterator[Any]:
    """Each row as a tuple of `Any`: only the database knows the types of the columns of a text."""
    yield from connection.execute(text(sql), dict(values or {}))
