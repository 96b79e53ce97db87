"""The learning rate decays and jumps back up."""

import pytest

from barograph.dashboard.analysis.forecasting.future import Start
from barograph.dashboard.analysis.forecasting.futures.cycles import Cycles, cycles
from tests.dashboard.analysis.forecasting.synthetic import wsd

PLAN, AT = wsd(), 10_000


def test_cycles_decay_and_jump_back():
    eta = cycles(PLAN, AT, [14_000, 20_000]).eta / PLAN.peak
    assert eta[13_999] == pytest.approx(0.1) and eta[14_001] == pytest.approx(1) and eta[19_999] == pytest.approx(0.1)


def test_equal_cycles_end_where_they_were_asked_to():
    plan = Cycles(4, 18_000, 0.1).apply(Start(PLAN, AT))
    eta = plan.eta / PLAN.peak
    assert plan.total == 18_000 and eta[[11_999, 13_999, 15_999, 17_999]] == pytest.approx([0.1] * 4)
    assert (eta[AT:] > 0.99).mean() == pytest.approx(0.9, abs=0.01)


def test_ends_that_do_not_increase_are_refused():
    for ends in ([9_000], [14_000, 13_000]):
        with pytest.raises(ValueError, match="must increase and lie after step 10000"):
            cycles(PLAN, AT, ends)
