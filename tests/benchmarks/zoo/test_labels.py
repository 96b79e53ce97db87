"""The rules that say what became of a run, on curves of which it is known, and the mechanism told by the twin."""

import numpy as np
import pytest

from benchmarks.zoo.labels import Outcome, label, outcome, rises
from benchmarks.zoo.recipes import Recipe

STEPS = np.arange(1, 1501)


def curve(seed=0, noise=0.1):
    """A power law from 5.5 nats down to about 2, with noise."""
    fresh = 2 + 3.5 * (1 + STEPS / 20) ** -0.8
    return fresh + noise * np.random.default_rng(seed).standard_normal(len(STEPS))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("noise", [0.02, 0.1, 0.3])
def test_a_run_that_is_well(seed, noise):
    found = outcome(STEPS, curve(seed, noise))
    assert not found.diverged and found.onset is None
    assert found.end == pytest.approx(2.1, abs=0.1) and found.start > 4


@pytest.mark.parametrize("at", [300, 700, 1200])
@pytest.mark.parametrize("seed", range(5))
def test_a_rise_that_stays_has_its_onset_where_it_begins(at, seed):
    loss = curve(seed) + np.clip((STEPS - at) / 200, 0, 1)  # a nat in 200 steps
    found = outcome(STEPS, loss)
    assert found.diverged and at <= found.onset <= at + 60


def test_a_run_that_is_not_finite_any_more_has_its_onset_there():
    loss = curve()
    loss[900:] = np.nan
    assert outcome(STEPS, loss).diverged and outcome(STEPS, loss).onset == 901
    loss[900:] = np.inf
    assert outcome(STEPS[:920], loss[:920]).onset == 901
    assert outcome(STEPS[:901], loss[:901]).diverged and outcome(STEPS, loss * np.nan).diverged


def test_a_rise_of_fewer_than_200_steps_is_no_onset_and_a_longer_one_that_ends_is_no_divergence():
    short, long = curve(), curve()
    short[700:850] += 1
    long[700:1000] += 1
    assert outcome(STEPS, short).onset is None
    assert not outcome(STEPS, long).diverged and 690 <= outcome(STEPS, long).onset <= 705


def test_a_rise_too_small_for_the_noise_is_no_onset():
    small = np.clip((STEPS - 700) / 100, 0, 1) * 0.2
    assert outcome(STEPS, curve(noise=0.02) + small).onset is not None
    assert outcome(STEPS, curve(noise=0.5) + small).onset is None


WELL, ILL = Outcome(False, None, 2.1, 2.0, 5.5), Outcome(True, 800, 3.5, 2.1, 5.5)


@pytest.mark.parametrize(
    ("recipe", "one", "twin", "told"),
    [
        (Recipe("a", 0.1, 0, twin="b", cures="attention_logits"), ILL, WELL, ("diverged", "attention_logits")),
        (Recipe("a", 0.1, 0, twin="b", cures="attention_logits"), ILL, ILL, ("diverged", "step_size")),
        (Recipe("a", 0.1, 0), ILL, None, ("diverged", "step_size")),
        (Recipe("a", 0.1, 0, fault="overflows"), ILL, None, ("diverged", "loss_scale")),
        (Recipe("a", 0.1, 0, twin="b", cures="attention_logits"), Outcome(False, None, 2.9, 2.8, 5.5), WELL,
         ("spoiled", "attention_logits")),
        (Recipe("a", 0.1, 0, fault="spikes"), Outcome(False, 700, 2.1, 2.0, 5.5), None, ("recovered", "spikes")),
        (Recipe("a", 0.1, 0, schedule="rewarm"), Outcome(False, 700, 2.1, 2.0, 5.5), None, ("healthy", "")),
        (Recipe("a", 0.1, 0), WELL, None, ("healthy", "")),
    ],
)  # fmt: skip
def test_labels(recipe, one, twin, told):
    found = label(recipe, one, twin)
    assert (found["outcome"], found["mechanism"]) == told
    assert found["diverged"] == (told[0] == "diverged")


def test_a_held_out_loss_that_rises_while_the_training_loss_falls_is_overfitting():
    assert rises(np.array([3.0, 2.5, 3.0, np.nan]), 5.5) and not rises(np.array([3.0, 2.5, 2.7]), 5.5)
    assert label(Recipe("a", 0.1, 0), WELL, None, overfit=True)["outcome"] == "overfit"
    assert label(Recipe("a", 0.1, 0), ILL, None, overfit=True)["outcome"] == "diverged"
