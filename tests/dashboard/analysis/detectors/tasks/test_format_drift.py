"""Unreadable answers are counted apart from wrong ones."""

from __future__ import annotations

import numpy as np

from tests.dashboard.analysis.detectors.replay import replay

STEPS = np.arange(0, 400, 10)


def run(invalid, right, n: float = 1000.0) -> list:
    """Evaluations where a share `invalid` cannot be read and of the rest a share `right` is right."""
    rng = np.random.default_rng(0)
    bad = rng.binomial(int(n), invalid)
    accuracy = rng.binomial((n - bad).astype(int), right) / n
    counts = {("eval_n", "a"): (STEPS, np.full(len(STEPS), n)), ("eval_n_invalid", "a"): (STEPS, bad.astype(float))}
    return replay("format_drift", {("eval_accuracy", "a"): (STEPS, accuracy)} | counts)


def test_format_errors_alone_are_called_superficial():
    (found,) = run(np.where(STEPS >= 200, 0.5, 0.02), np.full(len(STEPS), 0.8))
    assert found.part == "a" and found.flagged == 210 and found.open
    assert "50 %" in found.sentence.replace("49 %", "50 %").replace("51 %", "50 %")
    assert "mostly the format is lost, not the knowledge" in found.sentence


def test_lost_knowledge_beside_it_is_not_explained_away():
    (found,) = run(np.where(STEPS >= 200, 0.2, 0.02), np.where(STEPS >= 200, 0.4, 0.8))
    assert "mostly the format" not in found.sentence


def test_knowledge_lost_in_good_format_and_steady_errors_are_left_in_peace():
    assert not run(np.full(len(STEPS), 0.02), np.where(STEPS >= 200, 0.3, 0.8))
    assert not run(np.full(len(STEPS), 0.3), np.full(len(STEPS), 0.8))


def test_it_closes_when_the_format_is_back():
    (found,) = run(np.where((STEPS >= 100) & (STEPS < 200), 0.5, 0.02), np.full(len(STEPS), 0.8))
    assert not found.open and found.last == 190
