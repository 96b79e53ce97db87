"""Saved views: a name for a page and its address, for all who open the store."""

from __future__ import annotations

from sqlalchemy import text

from ..errors import StoreError
from .records import View
from .series.fold import sound
from .tables import engine as engines

LONGEST = 200  # characters of a name


class Views:
    """The part of `Store` that keeps saved views; needs its `engine` and `path`."""

    def views(self, page: str | None = None) -> list[View]:
        """The saved views, of one page or of all, by name."""
        with engines.explained(self.path), self.engine.connect() as connection:
            rows = connection.execute(text("SELECT name, page, address FROM views ORDER BY name")).fetchall()
        return [view for view in (View(*row) for row in rows) if page in (None, view.page)]

    def save_view(self, view: View) -> None:
        """Keeps a view; one of the same name is replaced. StoreError for a name that is empty or too long."""
        name = view.name.strip()
        if not name or len(name) > LONGEST:
            raise StoreError(f"the view's name has {len(name)} characters: expected 1 to {LONGEST}")
        row = {"name": sound(name), "page": view.page, "address": sound(view.address)}
        with engines.writing(self.engine) as connection:
            connection.execute(text("INSERT OR REPLACE INTO views VALUES (:name, :page, :address)"), row)

    def drop_view(self, name: str) -> None:
        """Forgets a saved view; nothing happens where there is none."""
        with engines.writing(self.engine) as connection:
            connection.execute(text("DELETE FROM views WHERE name = :name"), {"name": name})
