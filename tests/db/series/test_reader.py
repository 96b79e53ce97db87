"""Any range of a series at any width, with what is not stored yet."""

import numpy as np
import pytest

from barograph.db import Run, Store
from barograph.db.series.lineage import FAR, Piece
from barograph.db.series.reader import SeriesReader, bucket_size

STEPS = np.arange(9000) * 2
VALUES = np.cos(STEPS)
LINE = Piece(0, -FAR, FAR)
NOTHING = np.empty(0, np.int64), np.empty(0)


@pytest.fixture
def connection(tmp_path):
    store = Store(tmp_path / "runs.db")
    store.append(Run("r", "r"), {"loss": (STEPS, VALUES)})
    with store._database.reading() as opened:
        yield opened
    store.close()


def test_points_of_a_range(connection):
    reader = SeriesReader(connection, "r", 0, "loss", NOTHING)
    assert reader.n == 9000 and reader.upto(10) == 6 and reader.upto(-1) == 0
    steps, values = reader.points(9, 9001)
    np.testing.assert_array_equal(steps, np.arange(10, 9001, 2))
    np.testing.assert_array_equal(values, np.cos(steps))
    assert [array.tolist() for array in reader.newest(101)] == [[100], [np.cos(100)]]


def test_late_and_fresh_points_are_merged(connection):
    fresh = np.array([5, 10, 20_000]), np.array([-1.0, -2.0, -3.0])
    reader = SeriesReader(connection, "r", 0, "loss", fresh)
    steps, values = reader.points(3, 11)
    assert steps.tolist() == [4, 5, 6, 8, 10] and values[[1, 4]].tolist() == [-1.0, -2.0]
    assert reader.newest(FAR)[0].tolist() == [20_000] and reader.n == 9002


@pytest.mark.parametrize("width", [1, 50, 3000])
def test_buckets_hold_every_point_once_with_its_extremes(connection, width):
    reader = SeriesReader(connection, "r", 0, "loss", NOTHING)
    found = reader.buckets(LINE, -FAR, FAR, bucket_size(9000, width))
    assert width <= len(found) <= 2 * width + 1
    assert found["n"].sum() == 9000 and found["low"].min() == VALUES.min() and found["high"].max() == VALUES.max()


def test_a_series_that_is_not_there_has_no_points(connection):
    reader = SeriesReader(connection, "r", 0, ("loss", "x"), NOTHING)
    assert reader.n == 0 and len(reader.points(-FAR, FAR)[0]) == 0 and len(reader.buckets(LINE, -FAR, FAR, 1)) == 0
