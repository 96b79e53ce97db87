"""The functional scaling law."""

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting.law import known_laws
from barograph.dashboard.analysis.forecasting.schedule import LRHistory, Schedule

SCHEDULE = Schedule([0, 300, 9_000, 12_000], [0, 5e-4, 5e-4, 0])


def test_the_functional_scaling_law_is_its_sum_over_steps():
    D, T, b = 0.2, 300.0, 1.3
    eta = SCHEDULE.eta / SCHEDULE.peak
    after = np.cumsum(eta[::-1])[::-1] - eta / 2
    norm = np.sum((1 + (np.arange(10_000) + 0.5) / T) ** -b)
    slow = D * np.sum(eta**2 * (1 + after / T) ** -b) / norm
    # by parts the noise of a step goes with eta * (eta dS): eta^2 per step, as in the paper
    law, view = known_laws()["fsl"], LRHistory.of(SCHEDULE, [SCHEDULE.total])
    with_noise = law.at(view, np.log([3.0, 0.3, 0.5, D, T, b]))[0][0]
    without = law.at(view, np.log([3.0, 0.3, 0.5, 1e-12, T, b]))[0][0]
    assert with_noise - without == pytest.approx(slow, rel=0.02)
