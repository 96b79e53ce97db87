"""The naive baseline."""

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting.law import known_laws
from barograph.dashboard.analysis.forecasting.schedule import LRHistory, Schedule

LAW = known_laws()["power_steps"]
CONSTANT, DECAYED = Schedule([0, 10, 20_000], [0, 1e-3, 1e-3]), Schedule([0, 10, 10_000, 20_000], [0, 1e-3, 1e-3, 0])


def loss(schedule, at, *values):
    return LAW.at(LRHistory.of(schedule, at), np.log(values))[0]


def test_it_is_a_power_law_in_steps():
    by_hand = 3 + 0.3 * np.array([0.5, 1.0, 2.0]) ** -0.4
    assert loss(CONSTANT, [5_000, 10_000, 20_000], 3.0, 0.3, 0.4) == pytest.approx(by_hand)


def test_it_is_blind_to_the_learning_rate():
    at = [2_000, 15_000, 20_000]
    assert loss(CONSTANT, at, 3.0, 0.3, 0.4) == pytest.approx(loss(DECAYED, at, 3.0, 0.3, 0.4))
