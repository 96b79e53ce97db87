"""Steps that grow too large for the weights: where it is said, how gravely, and where it is not."""

import numpy as np
import pytest

from barograph.dashboard.analysis.detectors.severity import Severity
from tests.dashboard.analysis.detectors.replay import any_cuts, replay, smooth_noise

STEPS = np.arange(1, 2001)


def watch(rate, every=1, seed=0, cuts=()):
    """Ratios that follow the learning rate and fall as the weights grow, as Adam's do: noisy, every so many steps."""
    rng = np.random.default_rng(seed)
    ratio = 3 * rate / (1 + STEPS / 500) * np.exp(smooth_noise(rng, len(STEPS), 0.1))
    taken = STEPS % every == 0
    return replay(
        "step_size",
        {("lr", "0"): (STEPS, rate), ("lr", "1"): (STEPS, 10 * rate), "update_ratio": (STEPS[taken], ratio[taken])},
        cuts=cuts,
    )


def ramp(peak, begin=1000, floor=0.002, warm=100):
    """Warm-up, constant, exponential growth over 400 steps, constant."""
    grown = np.clip((STEPS - begin) / 400, 0, 1)
    return floor * np.minimum(1, STEPS / warm) * (peak / floor) ** grown


@pytest.mark.parametrize("every", [1, 10])
@pytest.mark.parametrize("seed", range(5))
def test_a_learning_rate_that_grows_too_large(every, seed):
    (one,) = watch(ramp(0.2), every, seed)
    assert one.severity == Severity.ACT and one.open and 1000 < one.first < one.flagged < 1400 + 10 * every
    assert one.evidence["ratio"] > 0.04 and one.evidence["ratio"] > 4 * one.evidence["lowest"]


def test_it_is_watched_before_it_is_grave():
    (one,) = watch(ramp(0.025))
    assert one.severity == Severity.WATCH and 1000 < one.flagged == one.first


@pytest.mark.parametrize("every", [1, 10])
def test_healthy_schedules_are_silent(every):
    """A constant, though high; a cosine that is warmed up again; WSD-S; a long warm-up."""
    cosine = 0.01 * (0.1 + 0.45 * (1 + np.cos(np.pi * (STEPS % 1000) / 1000))) * np.minimum(1, STEPS / 100)
    rounds = 0.01 * np.where(STEPS % 500 > 400, 0.1, 1) * np.minimum(1, STEPS / 100)
    slow = 0.03 * np.minimum(1, STEPS / 1500)
    for rate in (np.full(len(STEPS), 0.05), cosine, rounds, slow):
        assert [watch(rate, every, seed) for seed in range(5)] == [[]] * 5


def test_cuts_do_not_matter():
    rate = ramp(0.2, 500) * np.where((STEPS > 1100) & (STEPS < 1500), 0.01, 1)
    whole = watch(rate)
    assert len(whole) == 2 and not whole[0].open
    for seed in range(10):
        assert watch(rate, cuts=any_cuts(seed, 2000)) == whole
