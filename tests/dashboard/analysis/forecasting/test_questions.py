"""Learning rates that a run could still get, and what is asked of a forecast under them."""

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting import (
    Schedule,
    another_peak,
    best_decay,
    cycles,
    decay_now,
    extend,
    forecast,
    hold,
    if_decayed_now,
    known_laws,
    piecewise,
    refined,
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


def test_decays_have_the_shapes_they_are_named_after():
    half = {name: FUTURES[name].eta[AT + 999] / PLAN.peak for name in ("linear", "cosine", "sqrt", "inverse")}
    assert half["linear"] == pytest.approx(0.5, abs=2e-3) and half["cosine"] == pytest.approx(0.5, abs=2e-3)
    assert half["sqrt"] == pytest.approx(1 - 0.5**0.5, abs=2e-3)
    assert half["inverse"] == pytest.approx(1 / (0.5 + 0.5 / 0.1), rel=1e-2)
    assert FUTURES["linear"].total == AT + 2_000 and FUTURES["linear"].eta[-1] == pytest.approx(0, abs=1e-12)


def test_an_extended_plan_keeps_its_shape():
    future = FUTURES["extend"]
    assert future.total == 40_000 and future.eta[25_000] == PLAN.peak and future.eta[-1] == pytest.approx(0, abs=1e-9)
    assert future.eta[35_000] == pytest.approx(PLAN.eta[AT + (35_001 - AT) // 3 - 1], rel=2e-2)


def test_cycles_decay_and_jump_back():
    eta = FUTURES["cycles"].eta / PLAN.peak
    assert eta[13_999] == pytest.approx(0.1) and eta[14_001] == pytest.approx(1) and eta[19_999] == pytest.approx(0.1)


def test_another_peak_scales_the_plan():
    assert another_peak(PLAN, 2).peak == 2 * PLAN.peak


def test_equal_gradient_norms_are_refined_to_linear_decay():
    plan = refined(np.ones(500), 1e-3, 5_000)
    assert plan.eta == pytest.approx(1e-3 * (1 - np.arange(5_000) / 5_000), abs=6e-6)


def test_large_early_norms_are_refined_to_a_warm_up():
    norms = np.where(np.arange(1000) < 100, 10.0, 1.0)
    norms[500] = np.nan
    plan = refined(norms, 1e-3, 1_000)
    assert plan.eta[10] < 0.05e-3 and np.argmax(plan.eta) in range(90, 130) and plan.eta[-1] < 1e-5


@pytest.mark.parametrize(
    "call, word",
    [
        (lambda: decay_now(PLAN, AT, 0), "at least 1 step"),
        (lambda: decay_now(PLAN, AT, 9, "steep"), "choose linear"),
        (lambda: decay_now(PLAN, AT, 9, "inverse"), "end above 0"),
        (lambda: hold(PLAN, AT, 10_500, 900), "no room"),
        (lambda: extend(PLAN, AT, 9_000), "after step"),
        (lambda: cycles(PLAN, AT, [9_000]), "increase"),
        (lambda: piecewise(PLAN, AT, [5], [1e-4]), "no knot"),
        (lambda: another_peak(PLAN, 0), "above 0"),
        (lambda: refined([1.0] * 5, 1e-3, 10), "at least 10"),
    ],
)
def test_an_impossible_future_says_why(call, word):
    with pytest.raises(ValueError, match=word):
        call()


def test_decaying_now_beats_the_stable_loss():
    one = made()
    assert if_decayed_now(one, PLAN).mid < one.curve([AT]).mid[0] - 0.05


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


def test_a_million_gradient_norms_are_refined_in_little_memory():
    plan = refined(np.ones(1_000_000), 1e-3, 100_000)
    assert plan.eta[50_000] == pytest.approx(0.5e-3, rel=0.01)
