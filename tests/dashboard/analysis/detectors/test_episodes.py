"""Findings become episodes with a headline, and the run gets one line."""

from __future__ import annotations

import itertools

import pytest

from barograph.dashboard.analysis.detectors.episodes import episodes, verdict
from barograph.dashboard.analysis.detectors.severity import Severity
from barograph.db.records import Finding

NOTE, WATCH, ACT = Severity


def found(kind="loss_spike", first=0, last=None, severity=WATCH, open=False, flagged=None, part=""):
    last = first if last is None else last
    flagged = first if flagged is None else flagged
    return Finding(kind, part, first, last, flagged, severity, f"{kind} at {first}.", open=open)


def test_nothing_found():
    assert episodes([]) == []


@pytest.mark.parametrize("second, together", [(150, True), (300, True), (301, False), (5000, False)])
def test_near_findings_belong_together(second, together):
    made = episodes([found(first=100, last=200), found("divergence", second)])
    assert (len(made) == 1) == together


def test_near_grows_with_the_run():
    assert len(episodes([found(first=50_000), found(first=50_400)])) == 1
    assert len(episodes([found(first=50_000), found(first=50_600)])) == 2


def test_a_long_one_holds_all_that_begin_in_it():
    made = episodes([found("attention_logits", 0, 10_000), found(first=500), found(first=9_999)])
    assert len(made) == 1 and (made[0].first, made[0].last) == (0, 10_000)


def test_the_order_in_which_they_come_does_not_matter():
    given = [found(first=10, last=400), found(first=450), found("divergence", 700, severity=ACT), found(first=20)]
    assert all(episodes(order) == episodes(given) for order in itertools.permutations(given))


def test_the_headline_is_the_cause():
    given = [found(first=10), found("divergence", 12, severity=ACT), found("attention_logits", 15, severity=ACT)]
    (one,) = episodes(given)
    assert one.headline.kind == "attention_logits" and one.severity is ACT and len(one.findings) == 3
    (one,) = episodes(given[:2])
    assert one.headline.kind == "divergence"


def test_the_headline_is_what_was_known_first():
    (one,) = episodes([found("gradient_spike", 10, 90, flagged=80), found("gradient_spike", 20, flagged=20, part="w")])
    assert one.headline.part == "w"


def test_notes_hold_nothing_together():
    note = found("expected_rise", 100, 5000, NOTE, open=True)
    inside = found(first=300, last=900)
    made = episodes([note, inside, found(first=4000)])
    assert [one.severity for one in made] == [NOTE, WATCH, WATCH]
    (one,) = episodes([inside, found("expected_rise", 400, 5000, NOTE, open=True)])
    assert (one.last, one.open, one.severity, len(one.findings)) == (900, False, WATCH, 2)


def test_the_verdict_speaks_of_what_goes_on_and_is_gravest():
    going = [found(first=0, last=9, open=True), found("divergence", 1000, severity=ACT, open=True)]
    assert verdict(episodes(going), "running") == "Act: divergence at 1000. 1 more going on."
    assert verdict(episodes(going[:1]), "running") == "Watch: loss_spike at 0."
    assert verdict(episodes(going[:1]), "killed") == "It was killed. Watch: loss_spike at 0."
    assert verdict(episodes(going), "diverged").startswith("It diverged: divergence at 1000.")
    assert verdict(episodes(going[1:]), "finished") == "It finished with a fault: divergence at 1000."


def test_the_verdict_of_what_is_over():
    assert verdict(episodes([found(first=7)]), "running") == "One episode is over: loss_spike at 7."
    two = [found(first=7), found(first=1000)]
    assert verdict(episodes(two), "finished").startswith("2 episodes are over, the worst: loss_spike at 1000.")


def test_the_verdict_of_a_run_in_which_nothing_is_wrong():
    assert verdict([], "running") == "Nothing wrong so far."
    assert verdict([], "finished") == "Nothing wrong was found."
    note = episodes([found("expected_rise", severity=NOTE, open=True)])
    assert verdict(note, "running") == "Nothing wrong so far. 1 note."
    assert verdict([], "diverged") == "It diverged, and nothing that was recorded shows why."
