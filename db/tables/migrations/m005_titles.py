"""What heads a signal's chart, and what to turn on where the signal is missing."""

from sqlalchemy import Connection, text


def upgrade(connection: Connection) -> None:
    for column in ("title", "remedy"):
        connection.execute(text(f"ALTER TABLE signals ADD COLUMN {column} TEXT NOT NULL DEFAULT ''"))
