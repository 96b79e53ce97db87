"""What it takes to reach a loss."""

from __future__ import annotations

import pytest

from barograph.dashboard.analysis.scaling.questions.target import KIND, Target
from barograph.formatting import count
from tests.dashboard.analysis.scaling.questions.asking import usual
from tests.dashboard.analysis.scaling.tables import CHINCHILLA, fitted, optimum

E, A, ALPHA, B, BETA = CHINCHILLA.values()


def test_the_answer_inverts_the_law():
    answer = Target(2.5, 1e9).apply(fitted())
    tokens = (B / (2.5 - E - A / 1e9**ALPHA)) ** (1 / BETA)
    assert f"a loss of 2.5000: {count(tokens)} (" in answer and f"reach {E + A / 1e9**ALPHA:.4f} (" in answer
    compute = float(answer.split("tokens, ")[-1].split(" ")[0])
    assert optimum(compute)[1] == pytest.approx(2.5, rel=1e-3)


def test_what_no_budget_reaches_is_called_so():
    answer = Target(0.5 * E, 1e9).apply(fitted())
    assert "a loss of 0.9000: out of reach." in answer and "below the irreducible loss" in answer


def test_a_loss_below_the_best_so_far_is_asked_first():
    asked = usual(KIND, fitted(), {"params": 1e9, "tokens": 2e10})
    assert asked.params == 1e9 and asked.loss == pytest.approx(0.97 * fitted().table.loss.min())
