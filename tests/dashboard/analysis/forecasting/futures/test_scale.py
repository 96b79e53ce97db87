"""The plan at another height."""

import pytest

from barograph.dashboard.analysis.forecasting.future import Start
from barograph.dashboard.analysis.forecasting.futures.scale import Scale, another_peak
from tests.dashboard.analysis.forecasting.synthetic import wsd

PLAN, AT = wsd(), 10_000


def test_another_peak_scales_the_plan():
    assert another_peak(PLAN, 2).peak == 2 * PLAN.peak


def test_from_here_on_the_plan_is_multiplied():
    plan = Scale(0.5).apply(Start(PLAN, AT))
    assert plan.total == PLAN.total and plan.eta[:AT] == pytest.approx(PLAN.eta[:AT])
    assert plan.eta[AT + 1 :] == pytest.approx(0.5 * PLAN.eta[AT + 1 :], abs=1e-3 * PLAN.peak)


def test_a_factor_that_is_not_above_zero_and_a_plan_that_has_ended_are_refused():
    with pytest.raises(ValueError, match="above 0, got 0"):
        another_peak(PLAN, 0)
    with pytest.raises(ValueError, match="a factor above 0"):
        Scale(-1).apply(Start(PLAN, AT))
    with pytest.raises(ValueError, match="a plan that goes on from here"):
        Scale(2).apply(Start(PLAN, PLAN.total))
