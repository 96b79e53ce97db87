"""Loss down and accuracy down is found; a dip after a boundary, noise and honest failure are not taken for it."""

from __future__ import annotations

import numpy as np

from barograph.dashboard.analysis.detectors.detector import Happening
from tests.dashboard.analysis.detectors.made_up_tasks import dip, measured
from tests.dashboard.analysis.detectors.replay import replay

STEPS = np.arange(0, 4000, 20)


def run(accuracy, loss=None, train=None, happenings=(), seed: int = 0) -> list:
    rng = np.random.default_rng(seed)
    signals = {("eval_accuracy", "a"): (STEPS, measured(accuracy, rng))}
    if loss is not None:
        signals["eval_loss", "a"] = STEPS, loss + 0.01 * rng.standard_normal(len(STEPS))
    if train is not None:
        every = np.arange(4000)
        signals["loss"] = every, np.interp(every, STEPS, train) + 0.05 * rng.standard_normal(4000)
    return replay("decoupling", signals, happenings=happenings)


FALLING = 2.0 - STEPS / 4000
PEAK = np.where(STEPS < 1500, 0.4 + STEPS / 5000, 0.7 - (STEPS - 1500) / 6000)


def test_loss_falls_while_the_task_fails():
    (found,) = [one for one in run(PEAK, loss=FALLING) if one.open]
    assert found.part == "a" and "its own loss still falls" in found.sentence and 1700 < found.flagged < 3500
    (found,) = [one for one in run(PEAK, train=FALLING) if one.open]
    assert "the training loss still falls" in found.sentence


def test_a_rising_loss_is_no_decoupling():
    assert not run(PEAK, loss=2.0 - FALLING)


def test_a_level_accuracy_and_a_dip_after_a_boundary_are_left_in_peace():
    assert not [found for seed in range(10) for found in run(np.full(len(STEPS), 0.6), loss=FALLING, seed=seed)]
    gap = 0.8 - dip(STEPS, 2000, 0.4, tau=60.0)
    assert not run(gap, loss=FALLING, happenings=[Happening(2000, "data", "code")])
