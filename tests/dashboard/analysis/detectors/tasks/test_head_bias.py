"""A head that prefers new classes is found by its predictions, else by its norms."""

from __future__ import annotations

import numpy as np

from tests.dashboard.analysis.detectors.replay import replay

STEPS = np.arange(0, 200, 10)


def run(**signals) -> list:
    return replay(
        "head_bias", {name: (STEPS, np.broadcast_to(v, STEPS.shape).astype(float)) for name, v in signals.items()}
    )


def test_predictions_beyond_their_due_share():
    (found,) = run(new_class_share=np.where(STEPS >= 100, 0.9, 0.2), new_class_due=0.2)
    assert found.part == "share" and found.flagged == 110 and found.open
    assert "90 % of the predictions" in found.sentence and "20 % should be" in found.sentence


def test_norms_count_where_no_predictions_are_known():
    (found,) = run(head_gamma=np.where(STEPS < 100, 0.5, 0.95))
    assert found.part == "gamma" and not found.open and found.evidence["gamma"] == 0.5


def test_norms_alone_are_no_fault_where_predictions_are_fair():
    assert not run(new_class_share=0.22, new_class_due=0.2, head_gamma=0.5)


def test_a_fair_share_and_a_single_look_are_left_in_peace():
    assert not run(new_class_share=0.65, new_class_due=0.6)
    assert not run(new_class_share=np.where(STEPS == 100, 0.9, 0.2), new_class_due=0.2)
