"""Learning rates that a run could still get, and what is asked of a forecast under them."""

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting import (
    Schedule,
    best_decay,
    cycles,
    decay_now,
    extend,
    forecast,
    hold,
    if_decayed_now,
    known_laws,
    piecewise,
    shipped,
    steps_to,
)
from barograph.dashboard.analysis.forecasting.schedule import LRHistory
from tests.dashboard.analysis.forecasting.synthetic import SETUP, TRUE, cosine, finished, run, wsd

PLAN, AT = wsd(), 10_000
LIBRARY = shipped().plus([finished(wsd()), finished(cosine(10_000), seed=3)])


def made():
    steps, losses, _ = run(PLAN)
    return forecast(steps[steps <= AT], losses[steps <= AT], PLAN, setup=SETUP, library=LIBRARY)


FUTURES = {
    "linear": decay_now(PLAN, AT, 2_000),
    "cosine": decay_now(PLAN, AT, 2_000, "cosine"),
    "sqrt": decay_now(PLAN, AT, 2_000, "sqrt"),
    "inverse": decay_now(PLAN, AT, 2_000, "inverse", 0.1),
    "hold": hold(PLAN, AT, 30_000, 6_000),
    "extend": extend(PLAN, AT, 40_000),
    "cycles": cycles(PLAN, AT, [14_000, 20_000]),
    "drawn": piecewise(PLAN, AT, [5_000, 12_000, 15_000], [9, 1e-4, 1e-5]),
}


@pytest.mark.parametrize("name", FUTURES)
def test_a_future_keeps_the_past_and_can_be_forecast(name):
    future = FUTURES[name]
    assert future.eta[:AT] == pytest.approx(PLAN.eta[:AT])
    truth = known_laws()["river"].at(LRHistory.of(future, [future.total]), TRUE)[0][0]
    one = made().under(future)
    assert one.for_step == future.total and one.low90 < truth < one.high90


def test_decaying_now_beats_the_stable_loss():
    one = made()
    assert if_decayed_now(one, PLAN).mid < one.curve([AT]).mid[0] - 0.05


def test_where_the_rate_has_decayed_already_nothing_is_left_to_gain():
    steps, losses, _ = run(PLAN)
    ended = forecast(steps, losses, PLAN, setup=SETUP, library=LIBRARY)
    assert if_decayed_now(ended, PLAN) is ended and ended.for_step == ended.at == PLAN.total
    nearly = forecast(steps, losses, PLAN, setup=SETUP, library=LIBRARY, at=int(0.997 * PLAN.total))
    now = if_decayed_now(nearly, PLAN)
    assert now.for_step == nearly.at and now.mid == pytest.approx(nearly.mid, rel=0.01)


def test_steps_to_a_target_agree_with_the_forecast_at_that_length():
    one = made()
    answer = steps_to(one, PLAN, 2.95)
    assert answer.low <= answer.mid <= answer.high
    end = hold(PLAN, AT, int(answer.mid), min(int(0.2 * answer.mid), int(answer.mid) - AT))
    assert one.under(end).mid == pytest.approx(2.95, abs=3e-3)
    assert steps_to(one, PLAN, 1.0).mid == np.inf


def test_the_best_decay_is_better_than_its_neighbours():
    one = made()
    length, best = best_decay(one, PLAN, 20_000)
    assert 1_000 < length < 10_000
    for other in (length // 3, 10_000):
        assert best.mid <= one.under(hold(PLAN, AT, 20_000, other)).mid + 1e-9


def test_the_past_must_be_shared():
    with pytest.raises(ValueError, match="share the learning rate"):
        made().under(Schedule([0, 300, 20_000], [0, 1e-3, 0]))
