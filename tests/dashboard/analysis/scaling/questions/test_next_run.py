"""The next run to make."""

from __future__ import annotations

import pytest

from barograph.dashboard.analysis.scaling.question import parse_question
from barograph.dashboard.analysis.scaling.questions.next_run import KIND, NextRun
from barograph.errors import CannotForecast
from tests.dashboard.analysis.scaling.questions.asking import usual
from tests.dashboard.analysis.scaling.tables import fitted

POINT = {"params": 1e10, "tokens": 2e11}


def test_the_answer_is_a_run_within_the_budget_that_narrows_the_forecast():
    answer = NextRun(1e20, POINT).apply(fitted(noise=0.004))
    compute, share = float(answer.split("(")[1].split(" ")[0]), float(answer.split("about ")[1].split(" ")[0])
    assert 0 < compute <= 1e20 and 0 < share < 100


def test_it_is_asked_within_the_largest_budget_so_far():
    assert usual(KIND, fitted(), POINT) == NextRun(float(fitted().table.compute.max()), POINT)
    assert str(parse_question("next_run,1e20,params:1e10,tokens:2e11")) == str(NextRun(1e20, POINT))


def test_a_point_without_a_column_of_the_law_is_refused():
    with pytest.raises(CannotForecast, match="needs tokens too"):
        NextRun(1e20, {"params": 1e10}).apply(fitted())
