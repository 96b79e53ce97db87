"""Forecasts where the learning rate to come is a guess."""

import numpy as np

from barograph.dashboard.analysis.forecasting import forecast, proposals
from barograph.dashboard.analysis.forecasting.guessed import over_plans
from tests.dashboard.analysis.forecasting.synthetic import SETUP, cosine, run, wsd


def guess(schedule, at):
    steps, losses, final = run(schedule)
    seen = schedule.upto(at)
    plans = proposals(seen.steps, seen.lr, schedule.total)
    made, best, shares = over_plans(plans, lambda plan: forecast(steps, losses, plan, setup=SETUP, at=at))
    return made, best, shares, final


def test_before_the_learning_rate_bends_all_plans_count():
    made, _, shares, final = guess(wsd(), 8_000)
    assert {"constant", "wsd"} <= set(shares) and made.low90 < final < made.high90
    assert made.high90 - made.low90 > 0.1 and made.curve([20_000]).mid[0] > 0


def test_once_it_has_bent_the_plan_is_known():
    made, best, shares, final = guess(cosine(), 14_000)
    assert max(shares, key=shares.get) == "cosine" and made.low90 < final < made.high90
    assert np.abs(best.eta - cosine().eta).max() < 0.1 * best.peak
