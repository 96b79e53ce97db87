"""What training away from the best split costs."""

from __future__ import annotations

from barograph.dashboard.analysis.scaling.questions.overtraining import KIND, Overtraining
from tests.dashboard.analysis.scaling.questions.asking import usual
from tests.dashboard.analysis.scaling.tables import CHINCHILLA, fitted, optimum

E, A, ALPHA, B, BETA = CHINCHILLA.values()


def test_at_the_best_split_it_costs_nothing():
    size, _ = optimum(1e21)
    assert "end 0.0000 (" in Overtraining(size, 1e21 / 6 / size).apply(fitted())


def test_away_from_it_the_loss_is_that_much_higher():
    answer = Overtraining(1e9, 1e11).apply(fitted())
    excess = E + A / 1e9**ALPHA + B / 1e11**BETA - optimum(6 * 1e9 * 1e11)[1]
    assert answer.startswith(f"100 tokens per parameter end {excess:.4f} (") and excess > 0.01


def test_it_is_asked_of_the_point():
    assert usual(KIND, fitted(), {"params": 1e9, "tokens": 1e11}) == Overtraining(1e9, 1e11)
    assert not KIND.fits(fitted("vocabulary"))
