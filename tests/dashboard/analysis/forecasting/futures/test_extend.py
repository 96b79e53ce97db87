"""What is left of the plan, stretched."""

import pytest

from barograph.dashboard.analysis.forecasting.future import Start
from barograph.dashboard.analysis.forecasting.futures.extend import Extend, extend
from tests.dashboard.analysis.forecasting.synthetic import cosine, wsd

PLAN, AT = wsd(), 10_000


def test_an_extended_plan_keeps_its_shape():
    future = extend(PLAN, AT, 40_000)
    assert future.total == 40_000 and future.eta[25_000] == PLAN.peak and future.eta[-1] == pytest.approx(0, abs=1e-9)
    assert future.eta[35_000] == pytest.approx(PLAN.eta[AT + (35_001 - AT) // 3 - 1], rel=2e-2)


def test_a_stretched_cosine_is_the_cosine_of_the_longer_run():
    long = cosine(6_100)
    stretched = extend(cosine(3_200), 300, 6_100)  # twice what is left behind the warm-up
    assert stretched.total == long.total and stretched.eta == pytest.approx(long.eta, abs=2e-3 * long.peak)


def test_a_plan_stretched_to_its_own_end_is_itself():
    assert extend(PLAN, AT, PLAN.total).eta == pytest.approx(PLAN.eta, abs=1e-3 * PLAN.peak)  # knots lie apart


def test_an_end_in_the_past_and_a_plan_that_has_ended_are_refused():
    with pytest.raises(ValueError, match="the new end 9000 must lie after step 10000"):
        extend(PLAN, AT, 9_000)
    with pytest.raises(ValueError, match="nothing is left to stretch"):
        Extend(30_000).apply(Start(PLAN, PLAN.total))
