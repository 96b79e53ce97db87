"""Tasks that are learned worse and worse are found; those of unlike difficulty are not taken for it."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.dashboard.analysis.detectors.tasks.lost_plasticity import falling
from tests.dashboard.analysis.detectors.made_up_tasks import learning, measured, sequence
from tests.dashboard.analysis.detectors.replay import replay


def run(reached, seed: int = 0) -> list:
    """Each task is learned in 50 steps up to what it has reached at the end of its visit."""
    rng = np.random.default_rng(seed)
    names = [f"task {i}" for i in range(len(reached))]
    signals = {}
    for i, (name, high) in enumerate(zip(names, reached, strict=True)):
        steps = np.arange(50 * i, 50 * (i + 1) + 1)
        signals["eval_accuracy", name] = steps, measured(learning(steps, 50 * i, high=high, tau=8.0), rng)
    return replay("lost_plasticity", signals, happenings=sequence(*names, visit=50))


def test_a_lasting_fall_is_found_before_the_end():
    (found,) = run(np.linspace(0.9, 0.5, 30))
    assert found.flagged < 50 * 20 and "worse and worse" in found.sentence and found.open


def test_unlike_tasks_in_any_order_are_left_in_peace():
    rng = np.random.default_rng(1)
    assert not [found for seed in range(20) for found in run(rng.uniform(0.4, 0.95, 30), seed)]
    assert not run(np.full(30, 0.9)) and not run(np.linspace(0.5, 0.9, 30))


def test_the_rank_test_is_that_of_scipy():
    from scipy.stats import kendalltau

    rng = np.random.default_rng(0)
    for _ in range(5):
        values = rng.random(40) - 0.01 * np.arange(40)
        theirs = kendalltau(np.arange(40), values, alternative="less", method="asymptotic").pvalue
        assert falling(values.tolist()) == pytest.approx(theirs, rel=0.15, abs=1e-6)
