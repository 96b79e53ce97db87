"""Views of the pages that somebody has saved by name: which page, and its address."""

from sqlalchemy import Connection, text


def upgrade(connection: Connection) -> None:
    connection.execute(
        text("CREATE TABLE views (name TEXT NOT NULL PRIMARY KEY, page TEXT NOT NULL, address TEXT NOT NULL)")
    )
