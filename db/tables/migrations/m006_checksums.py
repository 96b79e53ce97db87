"""A checksum for each tile and each series; rows that were there before have none."""

from sqlalchemy import Connection, text


def upgrade(connection: Connection) -> None:
    for table in ("series", "tiles"):
        connection.execute(text(f"ALTER TABLE {table} ADD COLUMN checksum INTEGER"))
