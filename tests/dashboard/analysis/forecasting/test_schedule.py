"""The LR of every step, block compression, and the views that laws read."""

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting.law import known_laws
from barograph.dashboard.analysis.forecasting.schedule import REFERENCE, LRHistory, Schedule


def wsd(total=12_000, peak=5e-4, low=0.0):
    return Schedule([0, 300, 0.75 * total, total], [0, peak, peak, low])


def test_knots_are_spread_to_single_steps():
    schedule = Schedule([0, 100, 300], [0, 1e-3, 0])
    assert schedule.eta[49] == pytest.approx(5e-4) and schedule.eta[199] == pytest.approx(5e-4)
    assert schedule.total == 300 and schedule.warmup == 100 and schedule.peak == 1e-3


def test_cadence_of_the_log_does_not_matter():
    every = Schedule(np.arange(0, 12_001), np.interp(np.arange(12_001), wsd().steps, wsd().lr))
    coarse = Schedule(np.arange(0, 12_001, 100), np.interp(np.arange(0, 12_001, 100), wsd().steps, wsd().lr))
    at = np.array([1000.0, 9500.0, 12_000.0])
    for law in known_laws().values():
        middle = np.log([one for one, _ in law.typical.values()])
        fine, rough = (law.at(LRHistory.of(one, at), middle)[0] for one in (every, coarse))
        assert fine == pytest.approx(rough, abs=1e-6)


@pytest.mark.parametrize("shape", ["wsd", "cosine", "jump"])
def test_blocks_against_the_sum_over_single_steps(shape):
    total, peak, memory = 20_000, 1e-3, 200.0
    steps = np.arange(total + 1.0)
    lr = {
        "wsd": np.interp(steps, wsd(total, peak).steps, wsd(total, peak).lr),
        "cosine": np.minimum(steps / 300, 0.55 + 0.45 * np.cos(np.pi * steps / total)) * peak,
        "jump": np.where(steps < 300, steps / 300, np.where(steps <= 8000, 1, 0.1)) * peak,
    }[shape]
    schedule = Schedule(steps, lr, 300)
    eta = np.concatenate([[0.0], schedule.eta])
    for at in (8_050, 15_555, 20_000):
        k = np.arange(301, at + 1)
        slow = np.sum((eta[k - 1] - eta[k]) / peak * (1 - np.exp(-(at - k + 1) / memory)))
        view = LRHistory.of(schedule, [at])
        quick = np.sum(np.where(view.warm, 0, view.drop) * (1 - np.exp(-view.age / memory)))
        assert quick == pytest.approx(slow, abs=2e-3)


def test_effective_steps_are_the_lr_integral():
    schedule = wsd()
    assert LRHistory.of(schedule, [6000]).tau[0] == pytest.approx(schedule.eta[:6000].sum() / schedule.peak / REFERENCE)


@pytest.mark.parametrize(
    "steps, lr, word",
    [
        ([0, 1, 1], [0, 1, 1], "increase"),
        ([0, 1], [0, np.nan], "finite"),
        ([0], [1], "at least 2"),
        ([0, 1], [0, 0], "above 0"),
        ([0, 1], [1, -1], "never negative"),
    ],
)
def test_an_unusable_schedule_says_why(steps, lr, word):
    with pytest.raises(ValueError, match=word):
        Schedule(steps, lr)


def test_a_warm_up_in_stairs_is_a_warm_up():
    stairs = np.repeat(np.arange(1, 31) / 30, 100)
    schedule = Schedule.dense(np.concatenate([stairs, np.linspace(1, 0.1, 17_000)]) * 1e-3)
    assert 2_800 < schedule.warmup <= 3_000
    late_rise = Schedule([0, 100, 8_000, 8_001, 20_000], [0, 1e-4, 1e-4, 2e-4, 0])
    assert late_rise.warmup == 100


def test_corners_are_kept_when_knots_are_many():
    wavy = 1e-3 * (1 + 1e-4 * np.sin(np.arange(1, 9_001) / 50))
    schedule = Schedule.dense(np.concatenate([wavy, np.linspace(1e-3, 0, 1_000)]))
    corners = schedule.corners(50)
    assert len(corners) <= 50 and 1 in corners and 10_000 in corners
    assert np.abs(corners - 9_000).min() <= 1


def test_a_rise_after_the_warm_up_is_noticed():
    cycles = Schedule([0, 100, 5_000, 6_000, 6_001, 10_000], [0, 1, 1, 0.1, 1, 0])
    assert not cycles.rewarmed(6_000) and cycles.rewarmed(6_001)
