"""Steps to a target and speed-up: hand-made curves with known answers, and coverage of the intervals."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.dashboard.analysis.statistics.binned import binned
from barograph.dashboard.analysis.statistics.reach import NEVER, reach, speedup
from tests.dashboard.analysis.statistics.synthetic import curve


def truth(target, b=4.0):
    return ((target - 2) / b) ** (-1 / 0.3)


@pytest.mark.parametrize("r", [0.0, 0.5])
def test_the_interval_holds_the_truth(r):
    x, held = np.arange(1.0, 4001.0), 0
    for seed in range(120):
        found = reach(binned(x, curve(x, np.random.default_rng(seed), r=r)), 2.5)
        assert found.low <= found.mid <= found.high
        held += found.holds(truth(2.5))
    assert 0.8 <= held / 120 <= 0.99


def test_speedup_of_a_curve_that_is_twice_as_fast():
    x, held = np.arange(1.0, 6001.0), 0
    for seed in range(80):
        rng = np.random.default_rng(seed)
        slow, fast = curve(x, rng), curve(2 * x, rng)
        found = speedup(binned(x, fast), binned(x, slow), 2.6)
        held += found.holds(2.0)
        assert found.mid == pytest.approx(2.0, rel=0.5)
    assert 0.8 <= held / 80 <= 0.99


def test_what_is_not_reached_is_infinite_and_a_speedup_to_it_unknown():
    x = np.arange(1.0, 101.0)
    assert reach(binned(x, 5 - x / 100), 1.0) == NEVER
    unknown = speedup(binned(x, 5 - x / 100), binned(x, 5 - x / 50), 3.5)
    assert np.isnan([unknown.mid, unknown.low, unknown.high]).all()
    assert reach(binned(x, 5 - x / 100), 9.0).mid == pytest.approx(1.0, abs=5)


def test_the_first_time_counts_though_the_loss_rises_again():
    x = np.arange(0.0, 100.0)
    up_again = np.where(x < 50, 5 - x / 25, 4.0)
    assert 44 < reach(binned(x, up_again), 3.2).mid < 46


def test_values_that_are_not_finite_count_nowhere():
    x, rng = np.arange(1.0, 2001.0), np.random.default_rng(0)
    clean = curve(x, rng)
    dirty = clean.copy()
    dirty[::10] = np.nan
    assert reach(binned(x, dirty), 2.6).mid == pytest.approx(reach(binned(x, clean), 2.6).mid, rel=0.25)
    with pytest.raises(ValueError, match="no finite value"):
        reach(binned(x, np.full(2000, np.nan)), 2.6)
    with pytest.raises(ValueError, match="finite loss"):
        reach(binned(x, clean), float("nan"))
