"""Of damaged tiles what is whole is read, and the rest is a hole that is marked."""

import numpy as np
import pytest

from barograph.db import Run
from barograph.db.records import Hole
from barograph.db.series.pyramid import SIZES, TILE
from barograph.errors import Damaged
from tests.db.series.conftest import STEPS, VALUES
from tests.db.series.damage import change, flip

SECOND = Hole(2 * TILE - 1, 4 * TILE - 1, TILE)  # between the last step before and the first behind it


def test_a_damaged_tile_of_points_is_a_hole(store):
    flip(store, 1, 0, 1)
    found = store.series("r", "loss")
    np.testing.assert_array_equal(found.steps, np.delete(STEPS, np.s_[TILE : 2 * TILE]))
    np.testing.assert_array_equal(found.values, np.delete(VALUES, np.s_[TILE : 2 * TILE]))
    assert found.holes == (SECOND,)
    assert store.series("r", "loss", lo=9000, hi=9100).holes == (Hole(9000, 9100, TILE),)
    assert store.series("r", "loss", lo=0, hi=8000).holes == () == store.series("r", "loss", lo=30_000).holes


def test_neighbouring_holes_are_one_and_the_end_of_a_series_may_be_one(store):
    flip(store, 1, 0, 1)
    flip(store, 1, 0, 2)
    change(store, "DELETE FROM tiles WHERE level = 0 AND tile = 4")
    assert store.series("r", "loss").holes == (
        Hole(2 * TILE - 1, 6 * TILE - 1, 2 * TILE), Hole(8 * TILE - 1, 39_998, 20_000 - 4 * TILE),
    )  # fmt: skip


@pytest.mark.parametrize("width", [50, 700, 3000, 30_000])
def test_a_chart_shows_a_damaged_tile_as_its_roll_ups_have_it(store, width):
    whole = store.buckets("r", "loss", width=width)
    flip(store, 1, 0, 1)
    found = store.buckets("r", "loss", width=width)
    assert found.n.sum() == 20_000 and found.low.min() == whole.low.min() and found.high.max() == whole.high.max()
    if width < 625:  # coarse enough that no point of the tile is needed
        assert found.holes == () and len(found) == len(whole)
    else:
        inside = (found.first >= SECOND.first) & (found.last <= SECOND.last)
        assert found.holes == (SECOND,) and (found.n[inside] == SIZES[1]).all()
        for low, high, first, last in zip(found.low, found.high, found.first, found.last, strict=True):
            at = slice(first // 2, last // 2 + 1)
            assert low == VALUES[at].min() and high == VALUES[at].max()


@pytest.mark.parametrize("level", [1, 2, 3, 4])
@pytest.mark.parametrize("width", [2, 20, 100, 500])
def test_a_damaged_roll_up_is_summed_up_anew(store, level, width):
    whole = store.buckets("r", "loss", width=width)
    flip(store, 1, level, 0)
    change(store, f"DELETE FROM tiles WHERE level = {level} AND tile = 1")
    found = store.buckets("r", "loss", width=width)
    for name in ("first", "last", "low", "high", "mean", "low_at", "high_at", "n"):
        np.testing.assert_array_equal(getattr(found, name), getattr(whole, name))
    assert found.holes == ()


def test_where_points_and_roll_ups_are_damaged_nothing_is_shown_and_the_hole_is_marked(store):
    flip(store, 1, 0, 1)
    flip(store, 1, 1, 0)
    found = store.buckets("r", "loss", width=500)
    assert found.n.sum() == 20_000 - TILE and found.holes == (SECOND,)
    assert not ((found.first <= SECOND.last) & (found.last >= SECOND.first)).any()


def test_what_is_written_onto_damage_waits(store):
    flip(store, 1, 0, 4)
    for steps in ([50_000], [39_999]):
        with pytest.raises(Damaged, match="run r: loss is damaged.*barograph repair"):
            store.append(Run("r", "r"), {"loss": (steps, [1.0])})
    flip(store, 1, 0, 4)
    store.append(Run("r", "r"), {"loss": ([50_000], [1.0])})
    assert store.check() == []


@pytest.mark.parametrize("byte", [0, 8, 16, -1])
def test_nothing_is_added_to_a_damaged_tile_that_goes_on_evenly(store, byte):
    flip(store, 1, 0, 4, byte)
    more = Run("r", "r"), {"loss": ([40_000, 40_002], [0.1, 0.2])}
    with pytest.raises(Damaged, match="run r: loss is damaged.*barograph repair"):
        store.append(*more)
    flip(store, 1, 0, 4, byte)
    store.append(*more)
    assert store.check() == [] and store.series("r", "loss").values[-3:].tolist() == [VALUES[-1], 0.1, 0.2]
