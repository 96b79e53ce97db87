import numpy as np
import pytest

from barograph.dashboard.analysis.detectors.severity import Severity
from tests.dashboard.analysis.detectors.replay import any_cuts, replay, smooth_noise

STEPS = np.arange(3000)


def watch(factor=1.0, seed=0, name="tokens_per_s", cuts=(), noise=0.08):
    """Speed with noise, a slow start (compilation) and an evaluation each 100 steps that takes ten times as long."""
    rng = np.random.default_rng(seed)
    speed = 1e5 * np.exp(smooth_noise(rng, len(STEPS), noise, 0.5)) * factor
    speed[:5] /= 50
    speed[::100] /= 10
    return replay("throughput", {name: (STEPS, 1 / speed if name == "step_time" else speed)}, cuts=cuts)


@pytest.mark.parametrize("name", ["tokens_per_s", "steps_per_s", "step_time"])
def test_a_slow_down(name):
    (one,) = watch(np.where(STEPS >= 2000, 0.4, 1), name=name)
    assert one.severity == Severity.WATCH
    assert 2000 <= one.first <= one.flagged <= 2032 < 2300 < one.last
    assert one.evidence["share"] == pytest.approx(0.4, abs=0.08) and "% of its usual speed" in one.sentence


def test_it_ends():
    (one,) = watch(np.where((STEPS >= 1500) & (STEPS < 1700), 0.4, 1))
    assert not one.open and 1680 <= one.last <= 1710


def test_steady_runs_are_silent():
    assert not any(watch(seed=seed) for seed in range(20))
    assert not any(watch(np.where(STEPS >= 2000, 0.85, 1), seed=seed) for seed in range(5))


def test_a_noisy_machine_is_silent():
    assert not any(watch(seed=seed, noise=0.4) for seed in range(10))


def ranks(slow, cuts=()):
    rng = np.random.default_rng(0)
    signals = {("step_time_rank", str(k)): (STEPS, 0.1 * np.exp(smooth_noise(rng, len(STEPS), 0.05))) for k in range(8)}
    signals["step_time_rank", "5"] = STEPS, signals["step_time_rank", "5"][1] * slow
    return replay("throughput", signals, cuts=cuts)


def test_a_straggler_is_named():
    (one,) = ranks(np.where((STEPS >= 1000) & (STEPS < 2000), 1.6, 1))
    assert one.part == "5" and 1000 < one.flagged <= 1040 and 1960 <= one.last <= 2010 and not one.open
    assert one.evidence["times"] == pytest.approx(1.6, abs=0.1)
    assert not ranks(1.1) and "Rank 5 takes" in one.sentence


def test_one_of_two_ranks_is_measured_by_the_other():
    def two(slow):
        steady = STEPS, 0.1 * np.exp(smooth_noise(np.random.default_rng(1), len(STEPS), 0.05))
        other = STEPS, np.where(STEPS >= 1000, slow, 1) * steady[1][::-1]
        return replay("throughput", {("step_time_rank", "0"): steady, ("step_time_rank", "1"): other})

    (one,) = two(1.5)
    assert one.part == "1" and one.severity == Severity.WATCH and one.evidence["times"] == pytest.approx(1.5, abs=0.1)
    assert not two(1.15)


@pytest.mark.parametrize("seed", range(8))
def test_cuts_do_not_matter(seed):
    cuts = any_cuts(seed, 3000)
    slow = np.where((STEPS >= 1000) & (STEPS < 1500), 0.5, 1)
    assert watch(slow, seed) == watch(slow, seed, cuts=cuts) != []
    assert ranks(1 / slow) == ranks(1 / slow, cuts=cuts) != []
