"""Where a loss curve ends, with its error."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.dashboard.analysis.statistics.ending import ending, error_of_mean
from tests.dashboard.analysis.statistics.synthetic import STEPS, run, shocks


def expected(level=2.0):
    return level + 4 * np.mean(STEPS[-30:] ** -0.5)


def test_the_error_of_an_end_is_right():
    found = [ending(*run(seed)) for seed in range(200)]
    away = [(f.value - expected()) / f.error for f in found]
    assert 0.85 < np.std(away) < 1.2 and found[0].n == 30 and found[0].first == 2971


def test_ends_without_a_finite_value_are_refused():
    with pytest.raises(ValueError, match="no finite value"):
        ending(STEPS, np.full(3000, np.nan))
    assert ending(np.array([5]), np.array([3.0])).value == 3.0


def test_few_points_on_a_bend_are_not_taken_for_noise():
    steps = np.arange(100, 1600, 100)
    smooth = 2 + 30 * steps**-0.8
    rng = np.random.default_rng(0)
    found = [ending(steps, smooth + rng.normal(0, 0.002, 15), last=3).error for _ in range(100)]
    assert 0.5 * 0.002 / 3**0.5 < np.median(found) < 3 * 0.002 / 3**0.5


def test_the_last_points_are_averaged_and_those_that_are_not_finite_left_out():
    values = np.r_[np.full(80, 9.0), np.full(10, 2.0), np.full(10, 4.0)]
    found = ending(np.arange(100), values)
    assert (found.value, found.first, found.n) == (4.0, 90, 10)
    values[95:] = np.nan
    found = ending(np.arange(100), values)
    assert (found.value, found.first, found.n) == (3.0, 85, 10)
    assert ending(np.arange(100), values, last=5).value == 4.0


def test_of_a_series_shorter_than_the_stretch_all_points_count():
    assert ending(np.arange(3), np.array([1.0, 2.0, 6.0]), last=10).n == 3


def test_the_error_of_a_mean_grows_with_the_correlation_of_neighbours():
    errors = [
        np.mean([error_of_mean(shocks(np.random.default_rng(seed), 400, 0.1, r), 40) for seed in range(20)])
        for r in (0.0, 0.6)
    ]
    assert errors[0] == pytest.approx(0.1 / 40**0.5, rel=0.15)
    assert errors[1] / errors[0] == pytest.approx(((1 + 0.6) / (1 - 0.6)) ** 0.5, rel=0.2)
    assert error_of_mean(np.linspace(0, 1, 100), 10) == pytest.approx(0, abs=1e-9)  # a straight line has no noise
    assert np.isnan(error_of_mean(np.ones(4), 4))
