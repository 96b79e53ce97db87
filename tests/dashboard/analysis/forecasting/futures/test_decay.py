"""Decays from now on."""

import pytest

from barograph.dashboard.analysis.forecasting.future import Start
from barograph.dashboard.analysis.forecasting.futures._shapes import SHAPES
from barograph.dashboard.analysis.forecasting.futures.decay import Decay, decay_now
from tests.dashboard.analysis.forecasting.synthetic import wsd

PLAN, AT = wsd(), 10_000


def test_decays_have_the_shapes_they_are_named_after():
    plans = {name: decay_now(PLAN, AT, 2_000, name, 0.1 if name == "inverse" else 0) for name in SHAPES}
    half = {name: plans[name].eta[AT + 999] / PLAN.peak for name in SHAPES}
    assert half["linear"] == pytest.approx(0.5, abs=2e-3) and half["cosine"] == pytest.approx(0.5, abs=2e-3)
    assert half["sqrt"] == pytest.approx(1 - 0.5**0.5, abs=2e-3)
    assert half["inverse"] == pytest.approx(1 / (0.5 + 0.5 / 0.1), rel=1e-2)
    assert plans["linear"].total == AT + 2_000 and plans["linear"].eta[-1] == pytest.approx(0, abs=1e-12)


def test_down_to_a_share_of_the_peak():
    plan = Decay("cosine", 500, 0.1).apply(Start(PLAN, AT))
    assert plan.total == AT + 500 and plan.eta[-1] == pytest.approx(0.1 * PLAN.peak)
    assert plan.eta == pytest.approx(decay_now(PLAN, AT, 500, "cosine", 0.1).eta)


def test_one_step_is_the_shortest_decay():
    assert decay_now(PLAN, AT, 1).eta[-2:] == pytest.approx([PLAN.peak, 0])
    for call, word in (
        (lambda: decay_now(PLAN, AT, 0), "at least 1 step"),
        (lambda: decay_now(PLAN, AT, 9, "steep"), "choose linear"),
        (lambda: decay_now(PLAN, AT, 9, "inverse"), "end above 0"),
    ):
        with pytest.raises(ValueError, match=word):
            call()
