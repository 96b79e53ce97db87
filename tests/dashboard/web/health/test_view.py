"""Findings as frames, cards and tables: places, order, tones, and what is projected."""

import math

import numpy as np
import pytest

from barograph.dashboard.analysis.detectors.episodes import episodes
from barograph.dashboard.web.health import view
from barograph.dashboard.web.health.view import Span
from barograph.db import Finding, Run, Store

WHOLE = Span(0, 1000)


def found(kind="gradient_spike", part="", first=100, last=110, severity=1, **more) -> Finding:
    told = {"flagged": first + 1, "sentence": f"{kind} at {first}", "advice": "try this", "open": False} | more
    return Finding(kind, part, first, last, severity=severity, **told)


def same(steps: np.ndarray) -> np.ndarray:
    return np.asarray(steps, float)


def growth(at=600.0, mid=1500.0, **more) -> Finding:
    evidence = {"value": 50.0, "limit": 1e4, "at": at, "slope": 1e-3, "intercept": math.log(50), "crossing_mid": mid}
    return found("attention_logits", "blocks.0/1", 400, 600, 2, open=True, evidence=evidence | more)


def test_a_bar_for_each_kind_of_an_episode_faults_first_and_expected_rises_last():
    known = episodes([
        found("expected_rise", severity=0, first=700, last=800), found("loss_spike", first=104), found(),
        found("element_spike", "a.weight", 95, 96, 2), found("element_spike", "b.weight", 95, 97, 2),
    ])  # fmt: skip
    bars = view.timeline(known, WHOLE, same)[""]
    assert list(bars["lane"]) == ["Element spike", "Gradient spike", "Loss spike", "Expected rise"]
    assert list(bars["tone"]) == ["act", "watch", "watch", "expected"]
    assert bars["n"].tolist() == [2, 1, 1, 1] and bars["where"][0] == "2 parts: a.weight, b.weight"
    assert (bars["weight"][0], bars["weight"][1]) == (1.0, 0.6), "the headline stands out"


def test_one_step_is_wide_enough_to_be_seen_and_the_end_does_not_stick_out():
    known = episodes([found(first=0, last=0), found(first=1000, last=1000)])
    for frame in (view.timeline(known, WHOLE, same)[""], view.shades(known, WHOLE, same)):
        assert (frame["to_x"] - frame["from_x"] >= 4 - 1e-9).all()
        assert frame["from_x"].min() == 0 and frame["to_x"].max() == 1000


def test_one_step_is_in_the_middle_of_its_bar():
    bar = view.timeline(episodes([found(first=500, last=500)]), WHOLE, same)[""]
    assert (bar["from_x"][0] + bar["to_x"][0]) / 2 == 500


def test_what_is_out_of_sight_is_not_drawn_and_what_goes_on_has_an_arrow():
    known = episodes([found(first=10, last=20), found(first=400, last=900, open=True)])
    drawn = view.timeline(known, Span(300, 1000), same)
    assert drawn[""]["from_step"].tolist() == [400] == drawn[".open"]["from_step"].tolist()
    empty = view.timeline([], WHOLE, same)
    assert list(empty[""].columns) == list(drawn[""].columns) and not len(empty[""])


def test_judged_episodes_are_pale_unshaded_and_last():
    known = episodes([found(first=100, judgement="acknowledged"), found(first=500)])
    bars = view.timeline(known, WHOLE, same)[""]
    assert bars["weight"].tolist() == [view.PALE, 1.0]
    assert view.shades(known, WHOLE, same)["from_x"].tolist() == [498]
    assert [card.judgement for card in view.cards(known)] == ["", "acknowledged"]


def test_cards_begin_with_what_goes_on_and_hold_every_finding():
    known = episodes([
        found(first=10, last=12, severity=2), found("plateau", first=300, last=310, severity=0),
        found(first=600, last=700, open=True), found("loss_spike", first=610, severity=1, open=True),
    ])  # fmt: skip
    cards = view.cards(known)
    assert [card.steps for card in cards] == ["since step 600", "steps 10 to 12", "steps 300 to 310"]
    assert cards[0].title == "Gradient spike" and cards[0].others == (("watch", "Loss spike", "loss_spike at 610"),)
    assert set(cards[0].keys) == {("gradient_spike", "", 600), ("loss_spike", "", 610)}
    assert len({card.id for card in cards}) == 3


@pytest.mark.parametrize(("findings", "state", "mood"), [
    ([], "running", ""),
    ([found("expected_rise", severity=0)], "running", ""),
    ([found(severity=2)], "running", "note"),
    ([found(severity=1, open=True)], "running", "watch"),
    ([found(severity=1, open=True), found(first=500, last=900, severity=2, open=True)], "stopped", "act"),
    ([], "diverged", "act"),
])  # fmt: skip
def test_the_colour_of_a_verdict_is_that_of_the_worst_that_goes_on(findings, state, mood):
    assert view.mood(episodes(findings), state) == mood


def test_the_fan_runs_from_what_was_measured_to_the_limit():
    fan = view.fan(growth(crossing_low=1300.0, crossing_high=1900.0), WHOLE, 5000, same)
    first, last = fan.iloc[0], fan.iloc[-1]
    assert (first["step"], last["step"]) == (600, 1900)
    assert first["low"] == first["mid"] == first["high"] == pytest.approx(50)
    assert last["low"] == last["mid"] == last["high"] == pytest.approx(1e4)
    assert (fan["low"] <= fan["mid"]).all() and (fan["mid"] <= fan["high"]).all()
    for name, crossing in (("low", 1900), ("mid", 1500), ("high", 1300)):
        assert fan.loc[fan[name] > 0.9999e4, "step"].min() == pytest.approx(crossing, abs=12)
    straight = np.polyfit(fan["step"][:40], np.log(fan["mid"][:40]), 1, full=True)
    assert straight[1][0] < 1e-3, "a straight line on a logarithmic axis"


def test_a_latest_crossing_that_is_not_foreseen_leaves_the_edge_flat_and_the_plan_ends_the_fan():
    fan = view.fan(growth(crossing_low=1300.0), WHOLE, 1200, same)
    assert fan["low"].max() == pytest.approx(50) and fan["step"].max() == 1200
    assert fan["high"].max() < 1e4


def test_only_a_projection_that_is_still_ahead_is_drawn():
    assert view.crossing([growth()]).part == "blocks.0/1"
    assert view.crossing([growth(mid=600.0)]) is None
    assert view.crossing([found("attention_logits", open=True, evidence={"value": 120.0})]) is None
    assert not len(view.fan(None, WHOLE, 1000, same))
    assert view.fan(growth(), Span(800, 1000), None, same)["step"].min() >= 800


def test_limits_come_in_sight_as_the_logits_grow():
    assert [len(view.limits(top)) for top in (5.0, 50.0, 5000.0)] == [0, 1, 2]


def test_spikes_by_tensor_are_those_that_were_recorded(tmp_path):
    store, rng = Store(tmp_path / "runs.db"), np.random.default_rng(0)
    steps = np.arange(20_000)
    values = {name: rng.uniform(1, 30, 20_000) for name in "abc"}
    values["a"][[500, 15_000]] = 1e4, 4e6
    values["b"][7] = 2.5e5
    store.append(Run("r", "r", state="finished"), {("s", name): (steps, v) for name, v in values.items()})
    table = view.spikes({name: store.buckets("r", "s", (name,), width=200) for name in "abc"})
    assert table.to_dict("records") == [
        {"tensor": "a", "times": 2000, "at step": 15_000, "episodes": 2, "last at step": 15_000},
        {"tensor": "b", "times": 500, "at step": 7, "episodes": 1, "last at step": 7},
    ]
