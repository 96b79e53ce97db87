import numpy as np
import pytest

from barograph.dashboard.analysis.detectors.severity import Severity
from tests.dashboard.analysis.detectors.replay import any_cuts, replay, smooth_noise

STEPS = np.arange(0, 20_000, 10)
EVALUATED = STEPS[::10]


def accuracy(at, width, steps):
    return 1 / (1 + np.exp(-(steps - at) / width))


def watch(
    generalised=12_000, seed=0, names=("train_accuracy", "val_accuracy"), percent=1, cuts=(), start=0.0, n=20_000
):
    """Training accuracy is .99 from about step 760, held-out accuracy is .9 about 700 steps after `generalised`."""
    rng = np.random.default_rng(seed)
    train = np.clip(accuracy(300, 100, STEPS) + smooth_noise(rng, len(STEPS), 0.001), 0, 1)
    held = np.clip(start + (1 - start) * accuracy(generalised, 320, EVALUATED), 0, 1)
    held = np.clip(held + smooth_noise(rng, len(EVALUATED), 0.005), 0, 1)
    keep, few = STEPS < n, EVALUATED < n
    signals = {names[0]: (STEPS[keep], percent * train[keep]), names[1]: (EVALUATED[few], percent * held[few])}
    return replay("delayed_generalisation", signals, cuts=cuts)


@pytest.mark.parametrize("names", [("train_accuracy", "val_accuracy"), ("accuracy", "val_accuracy")])
@pytest.mark.parametrize("percent", [1, 100])
def test_grokking_is_told_with_its_delay(names, percent):
    (one,) = watch(names=names, percent=percent)
    assert one.severity == Severity.NOTE and not one.open
    assert one.evidence["memorised"] == pytest.approx(760, abs=80)
    assert one.evidence["delay"] == pytest.approx(12_700 - 760, abs=250)
    assert 2200 < one.flagged < 2700 and "later" in one.sentence


def test_while_it_waits_it_says_that_flat_is_not_the_end():
    (one,) = watch(n=8000)
    assert one.open and one.last == 7900 and "still low" in one.sentence


def test_generalising_along_is_silent():
    assert not any(watch(generalised=g) for g in (200, 500, 900))


def test_a_held_out_accuracy_that_was_fair_all_along_is_silent():
    assert not watch(start=0.7)


def test_without_one_of_the_two_nothing_is_said():
    assert not replay("delayed_generalisation", {"val_accuracy": (STEPS, accuracy(9000, 300, STEPS))})
    assert not replay("delayed_generalisation", {"accuracy": (STEPS, accuracy(300, 100, STEPS))})


@pytest.mark.parametrize("seed", range(8))
def test_cuts_do_not_matter(seed):
    assert watch(seed=seed) == watch(seed=seed, cuts=any_cuts(seed, 20_000)) != []
