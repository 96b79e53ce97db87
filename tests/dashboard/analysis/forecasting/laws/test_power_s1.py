"""A power law in the learning rate spent so far."""

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting.law import known_laws
from barograph.dashboard.analysis.forecasting.schedule import LRHistory, Schedule

LAW = known_laws()["power_s1"]
CONSTANT, DECAYED = Schedule([0, 10, 20_000], [0, 1e-3, 1e-3]), Schedule([0, 10, 10_000, 20_000], [0, 1e-3, 1e-3, 0])


def loss(schedule, at, *values):
    return LAW.at(LRHistory.of(schedule, at), np.log(values))[0]


def test_it_is_a_power_law_in_effective_steps():
    spent = DECAYED.eta.sum() / DECAYED.peak / 10_000
    assert spent == pytest.approx(1.5, rel=1e-3)
    assert loss(DECAYED, [20_000], 3.0, 0.3, 0.4)[0] == pytest.approx(3 + 0.3 * spent**-0.4)


def test_a_run_at_a_constant_rate_gets_further_in_the_same_steps():
    assert loss(CONSTANT, [20_000], 3.0, 0.3, 0.4)[0] < loss(DECAYED, [20_000], 3.0, 0.3, 0.4)[0]
    assert loss(CONSTANT, [9_000], 3.0, 0.3, 0.4) == pytest.approx(loss(DECAYED, [9_000], 3.0, 0.3, 0.4))


def test_annealing_laws_become_it_where_the_rate_does_not_fall():
    at = [5_000, 20_000]
    annealed = known_laws()["mtl"].at(LRHistory.of(CONSTANT, at), np.log([3.0, 0.3, 0.4, 0.2, 500.0]))[0]
    assert annealed == pytest.approx(loss(CONSTANT, at, 3.0, 0.3, 0.4))
