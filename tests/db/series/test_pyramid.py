"""Points as bytes and as buckets."""

import numpy as np
import pytest

from barograph.db.series import pyramid
from barograph.errors import Damaged

VALUES = np.array([0.1, np.nan, np.inf, -np.inf, -0.0, 5e-324])


@pytest.mark.parametrize("steps", [range(6), range(-30, 30, 10), [0, 1, 300, 70_000, 2**33, 2**52]])
@pytest.mark.parametrize("values", [VALUES, VALUES.astype("<f4").astype(float)])
def test_encoded_points_come_back_to_the_bit(steps, values):
    steps = np.array(steps, np.int64)
    back = pyramid.decode(pyramid.encode(steps, values), 6, int(steps[0]))
    np.testing.assert_array_equal(back[0], steps)
    assert back[1].tobytes() == values.tobytes() or np.array_equal(back[1], values, equal_nan=True)


def test_even_steps_and_single_precision_are_small():
    even, odd = np.arange(4096) * 10, np.cumsum(np.arange(4096) % 3 + 1)
    assert len(pyramid.encode(even, np.ones(4096))) == 16 + 4 * 4096
    assert len(pyramid.encode(odd, np.full(4096, 0.1))) == 16 + 8 * 4096 + 4095


@pytest.mark.parametrize("values", [VALUES, VALUES[[1, 2, 3, 1, 2, 3]]])
@pytest.mark.parametrize("spacing", [1, 10])
def test_bytes_that_grow_are_those_of_all_points(values, spacing):
    steps = np.arange(-30, -30 + 6 * spacing, spacing)
    data = pyramid.encode(steps[:3], values[:3])
    grown = pyramid.grown(data, 3, -30, steps[3:], values[3:])
    assert grown is not None and grown[0] == pyramid.encode(steps, values)
    np.testing.assert_array_equal(grown[1], values)


@pytest.mark.parametrize(
    "steps, values", [([4, 5], [0.1, 1]), ([3, 5], [0.1, 1]), ([3, 4, 6], [0.1, 1, 2]), ([3], [1])]
)
def test_bytes_do_not_grow_by_points_that_would_be_spelled_otherwise(steps, values):
    data, more = pyramid.encode(np.arange(3), np.full(3, 0.1)), (np.array(steps), np.array(values, float))
    assert pyramid.grown(data, 3, 0, *more) is None


@pytest.mark.parametrize("damaged", [slice(0, -1), slice(0, 0)])
def test_damaged_bytes_do_not_grow(damaged):
    assert pyramid.grown(pyramid.encode(np.arange(3), np.ones(3))[damaged], 3, 0, np.array([3, 4]), np.ones(2)) is None


def test_damaged_bytes_are_one_sentence():
    data = pyramid.encode(np.arange(5), np.ones(5))
    for damaged in (data[:-1], b"", b"\x09" + data[1:]):
        with pytest.raises(Damaged, match="5 points from step 0 are damaged.*barograph repair"):
            pyramid.decode(damaged, 5, 0)


def test_a_bucket_has_its_extremes_and_the_mean_of_what_is_finite():
    out = pyramid.gather(np.arange(5), np.array([3.0, 1.0, np.nan, np.inf, 2.0]), np.array([0, 3]))
    assert out["low"].tolist() == [1.0, 2.0] and out["high"].tolist() == [3.0, 2.0]
    assert out["low_at"].tolist() == [1, 4] and out["high_at"].tolist() == [0, 4]
    assert out["mean"].tolist() == [2.0, 2.0] and out["bad"].tolist() == [1, 1] and out["n"].tolist() == [3, 2]


def test_reducing_buckets_equals_gathering_their_points():
    random = np.random.default_rng(0)
    steps, values = np.arange(1000), np.where(random.random(1000) < 0.1, np.nan, random.normal(size=1000))
    fine = pyramid.gather(steps, values, np.arange(0, 1000, 10))
    coarse, direct = pyramid.every(fine, 10), pyramid.gather(steps, values, np.arange(0, 1000, 100))
    for name in ("first", "last", "low", "high", "low_at", "high_at", "n", "bad"):
        np.testing.assert_array_equal(coarse[name], direct[name])
    np.testing.assert_allclose(coarse["mean"], direct["mean"], rtol=1e-12)


def test_the_last_value_of_a_step_wins():
    steps, values = pyramid.merge(np.array([3, 1, 3, 2]), np.array([1.0, 2.0, 3.0, 4.0]))
    assert steps.tolist() == [1, 2, 3] and values.tolist() == [2.0, 4.0, 3.0]
    steps, values = pyramid.merge(np.array([3, 3]), np.array([1.0, 2.0]), np.array([9, 1]))
    assert values.tolist() == [1.0]
