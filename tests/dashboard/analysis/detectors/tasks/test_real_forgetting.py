"""What stays lost is found; what comes back, what is unreadable and what recurs is not taken for it."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.dashboard.analysis.detectors.detector import Happening
from barograph.dashboard.analysis.detectors.severity import Severity
from tests.dashboard.analysis.detectors.made_up_tasks import VISIT, dip, learning, measured, sequence
from tests.dashboard.analysis.detectors.replay import replay

STEPS = np.arange(0, 2 * VISIT)


def run(depth: float, back: float, seed: int = 0, more=lambda a: {}, names=("a", "b")) -> list:
    rng = np.random.default_rng(seed)
    a = measured(learning(STEPS, 0) - dip(STEPS, VISIT, depth, back), rng)
    signals = {
        ("eval_accuracy", "a"): (STEPS, a),
        ("eval_accuracy", "b"): (STEPS, measured(learning(STEPS, VISIT), rng)),
    }
    return replay("real_forgetting", signals | more(a), happenings=sequence(*names))


def test_what_stays_lost_is_found_after_the_gap():
    (found,) = run(0.4, back=0.25)
    assert found.severity == Severity.WATCH and found.open and found.flagged >= VISIT + 100
    assert found.evidence["lost"] == pytest.approx(0.3, abs=0.03)
    assert "'a' has been lower since step 500" in found.sentence


@pytest.mark.parametrize("depth", [0.0, 0.4])
def test_a_gap_that_closes_is_no_forgetting(depth):
    assert not [found for seed in range(20) for found in run(depth, back=1.0, seed=seed)]


def test_unreadable_answers_are_not_forgotten_knowledge():
    """Accuracy falls by .4 because 44 % of the answers cannot be read: the readable ones are as right as ever."""

    def counts(a):
        bad = np.where(STEPS > VISIT, 444.0, 0.0)
        return {("eval_n", "a"): (STEPS, np.full(len(STEPS), 1000.0)), ("eval_n_invalid", "a"): (STEPS, bad)}

    assert run(0.4, back=0.0)
    assert not run(0.4, back=0.0, more=counts)


def test_a_task_that_recurs_and_comes_back_is_a_note():
    rng = np.random.default_rng(0)
    steps, visit = np.arange(1500), 300
    lost = dip(steps, 300, 0.3, 0.0) * (steps <= 600) + dip(steps, 900, 0.3, 0.0) * (steps <= 1200)
    a = measured(learning(steps, 0) - lost, rng)
    found = replay(
        "real_forgetting",
        {("eval_accuracy", "a"): (steps, a)},
        happenings=sequence("a", "b", "a", "c", "a", visit=visit),
    )
    assert [one.severity for one in found] == [Severity.WATCH, Severity.NOTE]
    assert "may again" in found[1].sentence and not found[1].open


def test_only_what_was_learned_can_be_forgotten():
    """A task that comes later was right by chance before anything was learned; one known before the run says so."""
    steps = np.arange(500)
    values = {("eval_accuracy", "later"): (steps, np.where(steps == 0, 0.55, 0.0))}
    first = Happening(0, "task", "a", "begin")
    assert not replay("real_forgetting", values, happenings=[first])
    before = [Happening(0, "task", "later", side) for side in ("begin", "end")]
    (found,) = replay("real_forgetting", values, happenings=[*before, first])
    assert found.evidence["before"] == 0.55
