"""The Multi-Power Law."""

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting.law import known_laws
from barograph.dashboard.analysis.forecasting.schedule import LRHistory, Schedule

LAW = known_laws()["mpl"]
CONSTANT, DECAYED = Schedule([0, 10, 20_000], [0, 1e-3, 1e-3]), Schedule([0, 10, 10_000, 20_000], [0, 1e-3, 1e-3, 0])


def loss(schedule, at, *values):
    return LAW.at(LRHistory.of(schedule, at), np.log(values))[0]


def test_where_the_rate_does_not_fall_it_is_the_power_law_in_effective_steps():
    at = [5_000, 20_000]
    power = known_laws()["power_s1"].at(LRHistory.of(CONSTANT, at), np.log([3.0, 0.3, 0.4]))[0]
    assert loss(CONSTANT, at, 3.0, 0.3, 0.4, 0.2, 500.0, 0.6, 0.5) == pytest.approx(power)


def test_the_multi_power_law_is_refused_where_the_lr_rises():
    rewarmed = Schedule([0, 300, 5000, 5500, 8000], [0, 5e-4, 5e-5, 5e-4, 0], 300)
    view = LRHistory.of(rewarmed, np.array([4000.0, 7000.0]))
    assert not known_laws()["mpl"].supports(view) and known_laws()["river"].supports(view)
    assert known_laws()["mpl"].supports(LRHistory.of(DECAYED, [20_000]))


def test_the_multi_power_law_reads_the_lr_after_a_jump():
    """The published sum, step by step: the LR after each drop, and the LR spent from that step on."""
    schedule = Schedule([0, 300, 8_000, 8_001, 16_000], [0, 1e-3, 1e-3, 1e-4, 1e-4])
    D, T, b, g = 0.2, 1000.0, 0.6, 0.5
    law, view = known_laws()["mpl"], LRHistory.of(schedule, [16_000])
    with_drop, without = (law.at(view, np.log([3.0, 0.3, 0.5, size, T, b, g]))[0][0] for size in (D, 1e-12))
    spent = schedule.eta[8_000:].sum() / schedule.peak
    assert without - with_drop == pytest.approx(D * 0.9 * (1 - (1 + spent * 0.1**-g / T) ** -b), rel=2e-3)
