"""The compute-optimal split of a budget."""

from __future__ import annotations

import pytest

from barograph.dashboard.analysis.scaling.question import parse_question
from barograph.dashboard.analysis.scaling.questions.split import KIND, BestSplit
from barograph.errors import CannotForecast
from barograph.formatting import count
from tests.dashboard.analysis.scaling.questions.asking import usual
from tests.dashboard.analysis.scaling.tables import fitted, optimum


def test_the_answer_is_the_closed_form():
    size, loss = optimum(1e21)
    answer = BestSplit(1e21).apply(fitted())
    assert (
        answer.startswith(count(size)) and f"on {count(1e21 / 6 / size)} (" in answer and f"give {loss:.4f}" in answer
    )


def test_the_budget_that_is_usual_is_that_of_the_point():
    assert usual(KIND, fitted(), {"params": 1e9, "tokens": 2e10}) == BestSplit(6 * 1e9 * 2e10)
    assert KIND.fits(fitted()) and not KIND.fits(fitted("width"))


def test_a_budget_is_above_zero():
    with pytest.raises(CannotForecast, match="is not a number above 0"):
        parse_question("split,-1")
