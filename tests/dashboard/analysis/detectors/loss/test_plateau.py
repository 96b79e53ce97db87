import numpy as np
import pytest

from barograph.dashboard.analysis.detectors.severity import Severity
from tests.dashboard.analysis.detectors.replay import any_cuts, replay, smooth_noise

STEPS = np.arange(12_000)


def watch(loss, rate=None, seed=0, noise=0.03, cuts=(), n=12_000):
    rate = np.full(n, 1e-3) if rate is None else rate
    loss = loss + smooth_noise(np.random.default_rng(seed), n, noise)
    return replay("plateau", {"loss": (STEPS[:n], loss), ("lr", "0"): (STEPS[:n], rate)}, cuts=cuts)


FLAT = 2.3 + 2 * np.exp(-STEPS / 500)


def test_a_loss_that_stands_is_noted_and_never_called_converged():
    for seed in range(5):
        said = watch(FLAT, seed=seed)
        assert [f.severity for f in said] == [Severity.NOTE] and said[0].open
        assert 2000 < said[0].flagged < 10_000
        assert "learning rate of 0.001" in said[0].sentence
        assert "converged" not in said[0].sentence and "not say" in said[0].advice


def test_a_power_law_that_goes_on_falling_is_silent():
    for seed in range(5):
        assert not watch(2 + 6 * (1 + STEPS) ** -0.3, seed=seed)


def test_a_slow_rise_is_no_plateau():
    assert not watch(2.3 + 2 * np.exp(-STEPS / 500) + 0.3 * STEPS / 12_000)


def test_a_learning_rate_that_moves_is_no_plateau():
    assert not watch(FLAT, rate=1e-3 * (0.55 + 0.45 * np.cos(np.pi * STEPS / 12_000)))


def test_it_ends_where_the_learning_rate_does():
    said = watch(FLAT - 0.2 * (STEPS > 9000), rate=np.where(STEPS < 9000, 1e-3, 1e-4))
    assert not said[0].open and said[0].last < 9000 and said[0].evidence["lr"] == 1e-3


def test_noise_that_hides_the_slope_is_no_plateau():
    assert not watch(FLAT[:3000], noise=1.0, n=3000)


def test_without_a_learning_rate_nothing_is_said():
    assert not replay("plateau", {"loss": (STEPS, FLAT)})


@pytest.mark.parametrize("seed", range(8))
def test_cuts_do_not_matter(seed):
    rate = np.where(STEPS < 7000, 1e-3, 3e-4)
    more = {"rate": rate, "seed": seed, "noise": 0.02}
    assert watch(FLAT, **more) == watch(FLAT, **more, cuts=any_cuts(seed, 12_000)) != []
