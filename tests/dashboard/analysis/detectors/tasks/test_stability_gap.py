"""The dip after a boundary is found, its recovery predicted, and noise is no dip."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.dashboard.analysis.detectors.severity import Severity
from barograph.dashboard.analysis.detectors.tasks.stability_gap import recovery
from tests.dashboard.analysis.detectors.made_up_tasks import VISIT, dip, learning, measured, sequence
from tests.dashboard.analysis.detectors.replay import replay

STEPS = np.arange(0, 2 * VISIT)


def run(depth: float, back: float = 1.0, until: int = 2 * VISIT, seed: int = 0, tau: float = 40.0) -> list:
    rng = np.random.default_rng(seed)
    a = measured(learning(STEPS, 0) - dip(STEPS, VISIT, depth, back, tau), rng)
    b = measured(learning(STEPS, VISIT), rng)
    signals = {("eval_accuracy", name): (STEPS[:until], values[:until]) for name, values in (("a", a), ("b", b))}
    return replay("stability_gap", signals, happenings=[h for h in sequence("a", "b") if h.step < until])


def test_a_dip_that_comes_back_is_a_note_with_its_depth():
    (found,) = run(0.5)
    assert found.severity == Severity.NOTE and not found.open
    assert VISIT < found.flagged <= VISIT + 3 and found.part == "b"
    assert found.evidence["depth"] == pytest.approx(0.5, abs=0.07)
    assert "'a' fell after 'b' began at step 500" in found.sentence and "all back by step" in found.sentence


def test_within_the_dip_it_says_when_it_will_be_back():
    (found,) = run(0.5, until=VISIT + 45)
    assert found.open and "at this pace it is back at" in found.sentence
    truth = VISIT + 5 + 40 * np.log(10)  # 90 % of the way
    assert found.evidence["predicted_step"] == pytest.approx(truth, rel=0.15)
    assert found.evidence["predicted_level"] == pytest.approx(0.9, abs=0.08)
    (early,) = run(0.5, until=VISIT + 6)
    assert early.open and "mostly come back within some tens of steps" in early.sentence


def test_a_fall_that_stays_is_not_said_to_be_back():
    (found,) = run(0.5, back=0.0)
    assert "not back after" in found.sentence and "nor rising" in found.sentence


def test_evaluations_of_a_thousand_are_not_mistaken_for_dips():
    assert not [found for seed in range(40) for found in run(0.0, seed=seed)]


def test_many_tasks_are_one_finding_and_earlier_recoveries_are_known():
    rng = np.random.default_rng(0)
    names = [f"t{i}" for i in range(6)]
    steps, visit = np.arange(1200), 200
    signals = {}
    for i, name in enumerate(names):
        lost = sum((dip(steps, k * visit, 0.4, tau=10.0) for k in range(i + 1, 6)), np.zeros(1200))
        signals["eval_accuracy", name] = steps, measured(learning(steps, i * visit, tau=20.0) - lost, rng)
    whole = replay("stability_gap", signals, happenings=sequence(*names, visit=visit))
    assert [found.part for found in whole] == names[1:]
    assert "5 of 5 earlier tasks" in whole[-1].sentence
    cut = {key: (steps[:1004], values[:1004]) for key, (_, values) in signals.items()}
    happenings = [h for h in sequence(*names, visit=visit) if h.step <= 1003]
    last = replay("stability_gap", cut, happenings=happenings)[-1]
    assert "earlier falls of this run took" in last.sentence


def test_a_recovery_is_fitted_only_where_something_rises():
    steps = np.arange(20)
    assert recovery(steps[:5], np.linspace(0, 1, 5)) is None
    assert recovery(steps, np.full(20, 0.4)) is None
    found = recovery(steps, 0.8 - 0.5 * np.exp(-steps / 4))
    assert found.level == pytest.approx(0.8, abs=0.01) and found.step == pytest.approx(4 * np.log(10), rel=0.1)
