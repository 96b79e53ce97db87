"""Steps and tokens to a loss at a batch size."""

from __future__ import annotations

import pytest

from barograph.dashboard.analysis.scaling.questions.batch import KIND, BatchSize
from barograph.formatting import count
from tests.dashboard.analysis.scaling.questions.asking import usual
from tests.dashboard.analysis.scaling.tables import TRUE, fitted


def test_the_answer_is_the_kaplan_law_inverted():
    c = TRUE["kaplan"]
    answer = BatchSize(3.0, 1e9, 1e6).apply(fitted("kaplan"))
    floor, critical = (c["N_c"] / 1e9) ** c["alpha_N"], c["B_star"] / 3.0 ** (1 / c["alpha_B"])
    steps = c["S_c"] / (3.0 - floor) ** (1 / c["alpha_S"]) * (1 + critical / 1e6)
    numbers = [float(word.replace(",", "")) for word in answer.split() if word.replace(",", "").isdigit()]
    assert pytest.approx(steps, rel=0.02) in numbers
    assert f"is {count(critical)} (" in answer and f"they reach {floor:.4f} (" in answer


def test_only_a_law_that_knows_the_batch_is_asked():
    assert KIND.fits(fitted("kaplan")) and not KIND.fits(fitted())
    asked = usual(KIND, fitted("kaplan"), {"params": 1e9, "batch": 1e6, "steps": 1e4})
    assert (asked.params, asked.batch) == (1e9, 1e6) and asked.loss > fitted("kaplan").table.loss.min()


def test_a_loss_below_that_of_unlimited_steps_is_out_of_reach():
    assert "steps out of reach; tokens out of reach." in BatchSize(1.0, 1e9, 1e6).apply(fitted("kaplan"))
