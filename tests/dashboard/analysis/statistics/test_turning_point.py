"""The top of over-optimisation curves: inside its interval as often as that says, and none where there is none."""

import numpy as np
import pytest

from barograph.dashboard.analysis.statistics.turning_point import slope_bounds, turning_point

STEPS = np.arange(1, 101) * 50.0


def over_optimised(top):
    d = np.sqrt(STEPS / STEPS[-1])
    return d * (1 + np.log(np.sqrt(top / STEPS[-1]) / d))


@pytest.mark.parametrize("top", [1500, 2500, 3500])
def test_the_interval_holds_the_top(top):
    found = [
        turning_point(STEPS, over_optimised(top) + 0.03 * np.random.default_rng(seed).standard_normal(100))
        for seed in range(40)
    ]
    assert sum(turn.at.holds(top) for turn in found) >= 33
    assert np.median([turn.at.width for turn in found]) < 1500


def test_a_line_has_no_top():
    assert turning_point(STEPS, STEPS / 5000) is None or turning_point(STEPS, STEPS / 5000).at.high >= STEPS[-2]
    assert turning_point(STEPS, np.zeros(100)) is None


def test_bounds_of_a_slope():
    random = np.random.default_rng(0)
    low, high = slope_bounds(STEPS, STEPS / 5000 + 0.01 * random.standard_normal(100), 1000)
    assert 0 < low < high
    assert slope_bounds(STEPS, STEPS, STEPS[-3]) == (-np.inf, np.inf)
    free, wandering = (slope_bounds(STEPS, random.standard_normal(100), 0, memory) for memory in (0.0, 0.8))
    assert wandering[1] - wandering[0] > free[1] - free[0]
