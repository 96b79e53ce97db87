"""The learning rate stays and decays at the end."""

import pytest

from barograph.dashboard.analysis.forecasting.future import Start
from barograph.dashboard.analysis.forecasting.futures.decay import decay_now
from barograph.dashboard.analysis.forecasting.futures.hold import Hold, hold
from tests.dashboard.analysis.forecasting.synthetic import wsd

PLAN, AT = wsd(), 10_000


def test_it_holds_and_then_decays():
    eta = hold(PLAN, AT, 30_000, 6_000).eta / PLAN.peak
    assert len(eta) == 30_000 and eta[AT:24_000] == pytest.approx(1)
    assert eta[26_999] == pytest.approx(0.5) and eta[-1] == pytest.approx(0)


def test_without_a_decay_it_only_holds_and_without_a_rest_it_only_decays():
    assert hold(PLAN, AT, 12_000).eta[AT:] == pytest.approx(PLAN.peak)
    assert hold(PLAN, AT, 12_000, 2_000).eta == pytest.approx(decay_now(PLAN, AT, 2_000).eta)


def test_the_level_is_that_of_the_step_from_which_it_holds():
    assert hold(PLAN, 18_000, 30_000).eta[18_000:] == pytest.approx(PLAN.eta[17_999])
    assert PLAN.eta[17_999] < 0.6 * PLAN.peak


def test_an_inverse_decay_ends_above_zero():
    plan = Hold("inverse", 20_000, 4_000).apply(Start(PLAN, AT))
    assert plan.eta[-1] == pytest.approx(0.1 * PLAN.peak)


def test_a_decay_longer_than_what_is_left_is_refused():
    with pytest.raises(ValueError, match="no room for a decay of 900 steps between step 10000 and step 10500"):
        hold(PLAN, AT, 10_500, 900)
