"""The river law against its sums over single steps."""

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting.law import known_laws
from barograph.dashboard.analysis.forecasting.schedule import LRHistory, Schedule

LAW = known_laws()["river"]
CONSTANT, DECAYED = Schedule([0, 10, 20_000], [0, 1e-3, 1e-3]), Schedule([0, 10, 10_000, 20_000], [0, 1e-3, 1e-3, 0])


def loss(schedule, at, *values):
    return LAW.at(LRHistory.of(schedule, at), np.log(values))[0]


def test_it_is_its_sums_over_steps():
    values = L0, A, a, D, T, p, q = 3.0, 0.3, 0.48, 0.2, 400.0, 0.78, 0.5
    eta = np.append(0, DECAYED.eta) / DECAYED.peak
    clock = np.sum(eta[1:] ** q) / 10_000
    after = np.append(np.cumsum(eta[::-1])[::-1], 0)  # effective steps from each step on
    k = np.arange(DECAYED.warmup + 1, DECAYED.total + 1)
    paid = (eta[k - 1] ** p - eta[k] ** p) * (1 - (1 + after[k] / T) ** -1.5)
    assert loss(DECAYED, [20_000], *values)[0] == pytest.approx(L0 + A * clock**-a - D * paid.sum(), abs=2e-3)


def test_at_a_constant_rate_it_is_a_power_law_in_steps():
    at = np.array([5_000, 10_000, 20_000])
    found = loss(CONSTANT, at, 3.0, 0.3, 0.4, 0.2, 400.0, 0.78, 0.5)
    assert found == pytest.approx(3 + 0.3 * (at / 10_000) ** -0.4, rel=1e-3)


def test_a_slow_relaxation_has_paid_out_nothing_yet_and_a_quick_one_everything():
    values = [3.0, 0.3, 0.48, 0.2]
    slow, quick, none = (
        loss(DECAYED, [20_000], *values[:3], D, T, 0.78, 0.5)[0] for D, T in ((0.2, 1e9), (0.2, 1e-6), (1e-12, 1.0))
    )
    assert slow == pytest.approx(none, abs=1e-4) and none - quick == pytest.approx(0.2, rel=0.01)
