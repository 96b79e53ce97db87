"""The naive baseline."""

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting.fit import Gaussian
from barograph.dashboard.analysis.forecasting.law import known_laws
from barograph.dashboard.analysis.forecasting.laws.power_steps import step_scale
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


def test_the_scale_in_steps_has_the_interval_that_its_law_gives():
    """L0 + (B / t)^a is L0 + A (t / 10,000)^-a with A = (B / 10,000)^a."""
    a, B = 0.5, 300.0
    mean, covariance = np.log([2.0, (B / 1e4) ** a, a]), np.diag([0.0, 0.02, 0.03]) ** 2
    covariance[1, 2] = covariance[2, 1] = 0.5 * 0.02 * 0.03
    found = step_scale(Gaussian(mean, covariance))
    drawn = np.random.default_rng(0).multivariate_normal(mean, covariance, 20_000)
    expected = np.quantile(1e4 * np.exp(drawn[:, 1] / np.exp(drawn[:, 2])), [0.05, 0.95])
    assert LAW.parameters == ("L0", "A", "a") and found.mid == pytest.approx(B)
    assert [found.low, found.high] == pytest.approx(expected, rel=0.02)
