"""The LR-annealing law."""

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting.law import known_laws
from barograph.dashboard.analysis.forecasting.schedule import LRHistory, Schedule

SCHEDULE = Schedule([0, 300, 9_000, 12_000], [0, 5e-4, 5e-4, 0])


def test_the_published_momentum_sum_is_mtl():
    """S2 by the paper's recurrence, step by step, warm-up left out, against the law's block form."""
    T, D = 400.0, 0.2
    keep, eta = np.exp(-1 / T), SCHEDULE.eta
    momentum = s2 = 0.0
    for k in range(301, len(eta)):
        momentum = keep * momentum + (eta[k - 1] - eta[k])
        s2 += momentum
    C = D * (1 - keep) / SCHEDULE.peak
    law, view = known_laws()["mtl"], LRHistory.of(SCHEDULE, [SCHEDULE.total])
    values = np.log([3.0, 0.3, 0.5, D, T])
    flat = np.log([3.0, 0.3, 0.5, 1e-12, T])
    assert law.at(view, flat)[0][0] - law.at(view, values)[0][0] == pytest.approx(C * s2, rel=0.01)
