"""Tiles and their roll-ups are the same however the points arrive."""

import numpy as np
import pytest
from sqlalchemy import text

from barograph.db import Run, Store
from barograph.db.series import tiles

STEPS = np.arange(10_000) * 3
VALUES = np.sin(STEPS)


@pytest.fixture
def database(tmp_path):
    store = Store(tmp_path / "runs.db")
    store.append(Run("r", "r"), {name: ([0], [VALUES[0]]) for name in ("whole", "parts")})
    yield store._database
    store.close()


def stored(database, series):
    with database.reading() as connection:
        rows = connection.execute(text("SELECT * FROM tiles WHERE series = :s ORDER BY level, tile"), {"s": series})
        return [tuple(row)[1:-1] for row in rows]  # all but the series and, with it, the checksum


@pytest.mark.parametrize("order", ["growing", "backwards", "shuffled"])
def test_pieces_make_the_same_tiles_as_the_whole(database, order):
    cuts = np.array_split(np.arange(1, len(STEPS)), 7)
    if order != "growing":
        cuts = cuts[::-1] if order == "backwards" else [cuts[i] for i in (3, 0, 6, 1, 5, 2, 4)]
    with database.writing() as connection:
        tiles.write(connection, [(1, STEPS[1:], VALUES[1:])])
        for cut in cuts:
            tiles.write(connection, [(2, STEPS[cut], VALUES[cut])])
    assert stored(database, 1) == stored(database, 2)


def test_the_series_row_sums_up_its_tiles(database):
    values = np.where(np.arange(len(STEPS)) % 100 == 7, np.nan, VALUES)
    with database.writing() as connection:
        tiles.write(connection, [(1, STEPS[1:], values[1:])])
        sql = "SELECT n, bad, first_step, last_step, last_value, low, high FROM series WHERE id = 1"
        n, bad, first, last, value, low, high = connection.execute(text(sql)).one()
    assert (n, bad, first, last) == (10_000, 100, 0, 29_997)
    assert (value, low, high) == (values[-1], np.nanmin(values), np.nanmax(values))
