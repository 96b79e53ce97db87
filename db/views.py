"""Saved views: a name for a page and its address, for all who open the store."""

from __future__ import annotations

from sqlalchemy import text

from ..errors import StoreError
from .reading.database import Database
from .records import SavedView
from .series.keys import storable
from .tables.rows import rows

LONGEST = 200  # characters of a name


class Views:
    """The saved views of one store."""

    def __init__(self, database: Database):
        self._database = database

    def __call__(self, page: str | None = None) -> list[SavedView]:
        """The saved views, of one page or of all, by name."""
        with self._database.reading() as connection:
            views = [SavedView(*row) for row in rows(connection, "SELECT name, page, address FROM views ORDER BY name")]
        return [view for view in views if page in (None, view.page)]

    def save(self, view: SavedView) -> None:
        """Keeps a view; one of the same name is replaced. StoreError for a name that is empty or too long."""
        name = view.name.strip()
        if not name or len(name) > LONGEST:
            raise StoreError(f"the view's name has {len(name)} characters: expected 1 to {LONGEST}")
        row = {"name": storable(name), "page": view.page, "address": storable(view.address)}
        with self._database.writing() as connection:
            connection.execute(text("INSERT OR REPLACE INTO views VALUES (:name, :page, :address)"), row)

    def delete(self, name: str) -> None:
        """Removes a saved view; nothing happens where there is none."""
        with self._database.writing() as connection:
            connection.execute(text("DELETE FROM views WHERE name = :name"), {"name": name})
