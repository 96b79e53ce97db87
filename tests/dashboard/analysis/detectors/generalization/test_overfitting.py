import numpy as np
import pytest

from barograph.dashboard.analysis.detectors.detector import Happening
from barograph.dashboard.analysis.detectors.severity import Severity
from tests.dashboard.analysis.detectors.replay import any_cuts, replay, smooth_noise

STEPS = np.arange(6000)
TRAIN = 2 + 4 * (1 + STEPS / 50) ** -0.5
EVERY = 100


def watch(gap, train=TRAIN, seed=0, noise=0.01, cuts=(), happenings=(), rate=None, every=EVERY, part=()):
    """Held-out loss = training loss + gap, evaluated every 100 steps."""
    rng = np.random.default_rng(seed)
    at = STEPS[::every]
    held = (train + gap)[::every] + smooth_noise(rng, len(at), noise)
    loss = train + smooth_noise(rng, len(STEPS), 0.1)
    signals = {("val_loss", *part): (at, held), "loss": (STEPS, loss)}
    signals |= {("lr", "0"): (STEPS, np.full(len(STEPS), 1e-3) if rate is None else rate)}
    return replay("overfitting", signals, cuts=cuts, happenings=happenings)


GAP = 0.1 + 0.6 * np.maximum(0, STEPS - 2000) / 1000


@pytest.mark.parametrize("seed", range(5))
def test_a_gap_that_opens(seed):
    said = watch(GAP, seed=seed)
    assert [f.severity for f in said] == [Severity.WATCH, Severity.ACT]
    assert 2000 < said[0].flagged < 2800 and said[1].flagged < 3400
    assert said[1].open and said[1].evidence["bottom"] == pytest.approx(2000, abs=300)
    truth = (TRAIN + GAP)[[5700, 5800, 5900]].mean() - (TRAIN + GAP).min()
    assert said[1].evidence["low"] - 0.02 <= truth <= said[1].evidence["high"] + 0.02


def test_healthy_runs_are_silent():
    for seed in range(20):
        assert not watch(0.1, seed=seed)
        assert not watch(0.1 + 0.2 * STEPS / 6000, seed=seed, noise=0.03)


def test_another_evaluation_set_and_unlearning_are_none_once_they_are_said():
    jump = 0.1 + 0.7 * (STEPS >= 3000)
    assert [f.severity for f in watch(jump)] == [Severity.ACT]
    assert "run.event('evaluation'" in watch(jump)[0].advice and "unlearning=True" in watch(jump)[0].advice
    assert not watch(jump, happenings=[Happening(2999, "evaluation", "the new set")])
    assert watch(GAP) and not watch(GAP, happenings=[Happening(0, "unlearning")])


def test_a_loss_that_rises_as_a_whole_is_not_overfitting():
    assert not watch(0.1, train=TRAIN + np.maximum(0, STEPS - 3000) / 2000)


def test_forgetting_after_a_change_of_data_is_not_overfitting():
    jump = np.where(STEPS >= 3000, 0.5, 0.0)
    assert watch(0.1 + jump)
    assert not watch(0.1 + jump, happenings=(Happening(3000, "data"),))


def test_each_held_out_set_is_judged_by_itself():
    said = watch(GAP, part=("code",))
    assert {f.part for f in said} == {"code"} and "on code" in said[0].sentence


def test_without_training_loss_nothing_is_said():
    at = STEPS[::EVERY]
    assert not replay("overfitting", {"val_loss": (at, (TRAIN + GAP)[at])})


def test_it_closes_when_the_held_out_loss_is_at_its_lowest_again():
    said = watch(np.where(STEPS < 4000, GAP, -0.3))
    assert said and not said[-1].open


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("every", [3, 100])
def test_cuts_do_not_matter(seed, every):
    more = {"seed": seed, "every": every, "happenings": (Happening(700, "data"),)}
    assert watch(GAP, **more) == watch(GAP, **more, cuts=[699, 700, 701, *any_cuts(seed, 6000)]) != []
