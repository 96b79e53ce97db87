import numpy as np
import pytest

from barograph.dashboard.analysis.detectors.severity import Severity
from barograph.dashboard.analysis.statistics.turning_point import turning_point
from tests.dashboard.analysis.detectors.replay import any_cuts, replay, smooth_noise

STEPS = np.arange(0, 4000, 50)
D = np.sqrt(STEPS / 100)  # distance from the reference model
PROXY = 0.5 * D
GOLD = D * (1.0 - 0.13 * D)  # highest at step 1479
TOP = 1479


def watch(gold=GOLD, proxy=PROXY, seed=0, noise=0.05, memory=0.0, cuts=(), names=("proxy_reward", "gold_reward")):
    rng = np.random.default_rng(seed)
    signals = {
        names[0]: (STEPS, proxy + smooth_noise(rng, len(STEPS), noise, memory)),
        names[1]: (STEPS, gold + smooth_noise(rng, len(STEPS), noise, memory)),
    }
    return replay("proxy_gold", signals, cuts=cuts)


@pytest.mark.parametrize("seed", range(5))
def test_over_optimisation_is_located(seed):
    (one,) = watch(seed=seed)
    assert one.severity == Severity.ACT and one.part == "proxy_reward/gold_reward" and one.open
    assert TOP < one.flagged < 3200
    assert one.evidence["turn"] == pytest.approx(TOP, abs=500)
    assert one.evidence["turn_low"] <= one.evidence["turn"] <= one.evidence["turn_high"]


def test_the_interval_of_a_bend_holds_it_at_least_nine_times_in_ten():
    held = 0
    for seed in range(300):
        bend = 1500 + 50 * (seed % 20)
        line = np.minimum(STEPS, bend) / 1000 - 0.5 * np.maximum(0, STEPS - bend) / 1000
        turn = turning_point(STEPS, line + smooth_noise(np.random.default_rng(seed), len(STEPS), 0.2))
        held += turn.at.holds(bend)
    assert held >= 0.9 * 300


def test_both_rising_is_silent():
    assert not any(watch(gold=0.4 * D, seed=seed) for seed in range(10))


def test_a_gold_measure_that_only_saturates_is_silent():
    assert not any(watch(gold=2 - 2 * np.exp(-D), seed=seed) for seed in range(10))


@pytest.mark.parametrize("memory", [0.0, 0.5])
def test_noise_does_not_turn(memory):
    """In a hundred runs, each looked at after each of its evaluations."""
    assert sum(bool(watch(gold=0 * D, seed=seed, noise=0.1, memory=memory)) for seed in range(100)) <= 1


def test_both_falling_is_no_over_optimisation():
    assert not any(watch(proxy=GOLD, seed=seed) for seed in range(5))


def test_other_names():
    assert watch(names=("reward", "gold"))[0].part == "reward/gold"


@pytest.mark.parametrize("seed", range(8))
def test_cuts_do_not_matter(seed):
    assert watch(seed=seed) == watch(seed=seed, cuts=any_cuts(seed, 4000)) != []
