import numpy as np
import pytest

from barograph.dashboard.analysis.detectors.severity import Severity
from tests.dashboard.analysis.detectors.replay import any_cuts, replay, smooth_noise

STEPS = np.arange(6000)
TRAIN = 2 + 4 * (1 + STEPS / 50) ** -0.5
HUMP = 0.5 * np.exp(-(((STEPS - 3000) / 700) ** 2))
RISE = 0.5 * np.maximum(0, STEPS - 2500) / 1500


def watch(gap, rate=None, seed=0, cuts=(), **signs):
    rng = np.random.default_rng(seed)
    at = STEPS[::100]
    held = (TRAIN + 0.05 + gap)[at] + smooth_noise(rng, len(at), 0.01)
    rate = np.full(len(STEPS), 1e-3) if rate is None else rate
    signals = {
        "val_loss": (at, held),
        "loss": (STEPS, TRAIN + smooth_noise(rng, len(STEPS), 0.1)),
        ("lr", "0"): (STEPS, rate),
    } | {name: (STEPS[::10], values[::10]) for name, values in signs.items()}
    return replay("repeated_data", signals, cuts=cuts)


@pytest.mark.parametrize("seed", range(5))
def test_a_hump_is_named_double_descent_not_divergence(seed):
    said = watch(HUMP, seed=seed)
    assert [f.severity for f in said] == [Severity.NOTE]
    assert 3100 < said[0].flagged < 4000
    assert "double descent" in said[0].sentence and "not divergence" in said[0].sentence
    assert said[0].evidence["top"] == pytest.approx(2950, abs=300)


def test_the_unique_control_is_silent():
    assert not any(watch(0.0, seed=seed) for seed in range(20))


def test_a_rise_alone_is_left_to_overfitting():
    assert not watch(RISE)


def test_a_rise_in_a_later_epoch_is_repetition():
    said = watch(RISE, epoch=STEPS / 1000)
    assert [f.severity for f in said] == [Severity.WATCH] and said[0].flagged < 3800 and "epoch" in said[0].sentence
    assert not watch(RISE, epoch=STEPS / 10_000)


def test_losses_that_split_into_known_and_unknown_show_repetition():
    known = np.where(STEPS < 2000, 0.6, 0.1)
    said = watch(RISE, loss_p05=TRAIN * known, loss_p50=TRAIN)
    assert said and "memorised" in said[0].sentence
    assert not watch(RISE, loss_p05=TRAIN * 0.6, loss_p50=TRAIN)


def test_a_hump_made_by_the_learning_rate_is_not_repetition():
    rewarm = 1e-3 * np.where((STEPS > 2200) & (STEPS < 3000), 3.0, 1.0)
    assert not watch(HUMP, rate=rewarm)
    decay = 1e-3 * np.where(STEPS < 3000, 1.0, 0.1)
    assert not watch(HUMP, rate=decay)


@pytest.mark.parametrize("seed", range(8))
def test_cuts_do_not_matter(seed):
    signs = {"epoch": STEPS / 1000, "loss_p05": TRAIN * 0.2, "loss_p50": TRAIN}
    assert watch(HUMP, seed=seed, **signs) == watch(HUMP, seed=seed, cuts=any_cuts(seed, 6000), **signs) != []
