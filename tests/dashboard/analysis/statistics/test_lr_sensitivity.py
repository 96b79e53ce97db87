"""LR sensitivity against a slow oracle, against losses whose sensitivity is known, and on input that is none."""

import doctest
import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.dashboard.analysis.statistics import lr_sensitivity as module
from barograph.dashboard.analysis.statistics.lr_sensitivity import common_grid, lr_sensitivity

GRID = 3e-4 * 10 ** (np.arange(7) / 2)  # 3e-4 ... 3e-1


def oracle(finals, start):
    """The definition, one rate at a time."""
    counted = [min(f, start) if math.isfinite(f) else start for f in finals]
    best = min(counted)
    return sum(c - best for c in counted) / len(counted)


@given(
    st.lists(st.one_of(st.floats(0.1, 12), st.just(math.nan), st.just(math.inf)), min_size=7, max_size=7),
    st.randoms(use_true_random=False),
)
def test_the_definition_in_any_order(finals, random):
    finals[random.randrange(7)] = 1.5
    order = random.sample(range(7), 7)
    found = lr_sensitivity(GRID[order], np.array(finals)[order], 5.5)
    assert found.value == pytest.approx(oracle(finals, 5.5), abs=1e-12)
    assert found.best == min(f for f in finals if f < 5.5)
    assert found.failed == sum(not f < 5.5 for f in finals)
    np.testing.assert_array_equal(found.rates, GRID)


def test_known_sensitivities():
    """A flat sweep has none; a parabola in log LR has its mean square distance; all but one dead have the most."""
    assert lr_sensitivity(GRID, np.full(7, 2.0), 5.5).value == 0
    off = np.log10(GRID / GRID[3])
    assert lr_sensitivity(GRID, 2 + 0.1 * off**2, 5.5).value == pytest.approx(0.1 * np.mean(off**2))
    dead = np.array([2.0] + [np.nan] * 6)
    assert lr_sensitivity(GRID, dead, 5.5).value == pytest.approx(3.5 * 6 / 7)


def test_rates_as_people_round_them_are_a_log_uniform_grid():
    rounded = np.array([3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1])
    assert lr_sensitivity(rounded, np.arange(7.0), 5.5).best_rate == 3e-4


@pytest.mark.parametrize(
    ("rates", "finals", "start", "said"),
    [
        ([1e-3, 1e-2, 2e-2], [2, 2, 2], 5, "not equally far apart in log"),
        ([1e-3, 1e-2], [2, 2], 5, "at least 3"),
        ([1e-3, 1e-2, 1e-1], [2, 2], 5, "one loss for each rate"),
        ([1e-3, 0, 1e-1], [2, 2, 2], 5, "expected positive"),
        ([1e-3, 1e-2, 1e-1], [np.nan, 6, np.inf], 5, "no run of the sweep ends below its start"),
        ([1e-3, 1e-2, 1e-1], [2, 2, 2], np.nan, "loss at the start is nan"),
    ],
)
def test_what_is_no_sweep_is_refused(rates, finals, start, said):
    with pytest.raises(ValueError, match=said):
        lr_sensitivity(np.array(rates, float), np.array(finals, float), start)


def test_the_common_grid():
    found = common_grid({"a": GRID, "b": np.append(GRID[2:], 1.0), "c": GRID[::-1] * 1.001})
    np.testing.assert_allclose(found, GRID[2:], rtol=2e-3)
    with pytest.raises(ValueError, match=re.escape("the sweeps a, b share 0 learning rates")):
        common_grid({"a": GRID, "b": GRID * 2})


def test_the_example():
    assert doctest.testmod(module, extraglobs={"np": np}).failed == 0
