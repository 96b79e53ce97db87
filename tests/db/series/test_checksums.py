"""A changed bit anywhere in a row is noticed; what SQLite gives back otherwise is not."""

import math

import pytest
from sqlalchemy import text

from barograph.db import Run, Store
from barograph.db.series.checksums import of_series, of_tile, sound_series, sound_tile
from tests.db.series.damage import change

TILE = (0, 2, 5, 6, -1.0, 1.0, 0.0, b"data")
SERIES = (1, "r", 0, "loss", "[]", 2, 0, 5, 6, 0.5, -1.0, 1.0)


def test_every_column_counts():
    checksum = of_tile(1, 0, *TILE)
    assert sound_tile(1, 0, (*TILE, checksum)) and not sound_tile(2, 0, (*TILE, checksum))
    for at, other in enumerate((1, 3, 4, 7, -2.0, None, "x", b"dbta")):
        assert not sound_tile(1, 0, (*TILE[:at], other, *TILE[at + 1 :], checksum)), at
    checksum = of_series(*SERIES)
    for at, other in enumerate((2, "s", 1, "lr", '["a"]', 3, 1, 4, 7, None, 0.0, "x")):
        assert not sound_series((*SERIES[:at], other, *SERIES[at + 1 :], checksum)), at


def test_a_row_that_is_older_than_checksums_is_taken_as_it_is():
    assert sound_tile(1, 0, (*TILE, None)) and sound_series((*SERIES, None))
    assert not sound_tile(1, 0, (*TILE[:1], "no number", *TILE[2:], None))


@pytest.mark.parametrize("value", [-0.0, math.nan, math.inf, -math.inf, 5e-324, 2.0**53])
def test_values_that_sqlite_gives_back_otherwise_are_sound(tmp_path, value):
    store = Store(tmp_path / "runs.db")
    store.append(Run("r", "r"), {"loss": ([1, 2], [value, value])})
    assert store.check() == []
    change(store, "UPDATE series SET last_step = 3")
    assert store.check() == ["run r: loss: its row in `series` is damaged"]
    with store._database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM tiles WHERE checksum IS NULL")).scalar() == 0
    store.close()
