"""Changes single bits of stored rows, as a worn disk does."""

from sqlalchemy import text

from barograph.db import Store


def flip(store: Store, series: int, level: int, tile: int, byte: int = 100, bit: int = 3) -> None:
    """Changes one bit of a tile's data."""
    where = {"series": series, "level": level, "tile": tile}
    which = "series = :series AND level = :level AND tile = :tile"
    with store._database.writing() as connection:
        data = bytearray(connection.execute(text(f"SELECT data FROM tiles WHERE {which}"), where).scalar_one())
        data[byte] ^= 1 << bit
        connection.execute(text(f"UPDATE tiles SET data = :data WHERE {which}"), where | {"data": bytes(data)})


def change(store: Store, statement: str) -> None:
    """Changes rows past their checksums."""
    with store._database.writing() as connection:
        connection.execute(text(statement))
