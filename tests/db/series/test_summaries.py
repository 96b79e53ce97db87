"""Where each series ends, also where its row is damaged."""

import pytest

from barograph.db.series.summaries import Summary, summaries
from barograph.db.tables.engine import dbapi_cursor
from tests.db.series.damage import change, flip


@pytest.mark.parametrize(
    "damage", ["n = 7", "last_step = 1", "last_value = 3.5", "first_step = -9", "n = 'x'", "checksum = 5"]
)
def test_a_damaged_row_is_made_up_of_its_tiles(store, damage):
    with store._database.reading() as connection:
        (whole,) = summaries(dbapi_cursor(connection), "r")
        assert whole == Summary(1, 0, "loss", 20_000, 0, 39_998, whole.value)
    change(store, f"UPDATE series SET {damage}")
    with store._database.reading() as connection:
        assert list(summaries(dbapi_cursor(connection), "r", "AND attempt = ?", 0)) == [whole]
        assert list(summaries(dbapi_cursor(connection), "r", "AND attempt = ?", 1)) == []
    assert store.latest("r") == {"loss": (39_998, whole.value)} and len(store.series("r", "loss")) == 20_000


def test_the_newest_value_is_one_that_can_be_read(store):
    change(store, "UPDATE series SET last_value = 3.5")
    flip(store, 1, 0, 4)
    assert store.latest("r")["loss"][0] == 4 * 2 * 4096 - 2
    change(store, "UPDATE tiles SET data = x'00' WHERE level = 0")
    assert store.latest("r") == {}
