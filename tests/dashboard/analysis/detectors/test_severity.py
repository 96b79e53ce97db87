"""How much a finding matters: an order, and the numbers and words that the store and the page keep."""

from barograph.dashboard.analysis.detectors.severity import Severity


def test_severities_rise_from_a_note_to_a_call_to_act():
    assert sorted(Severity, reverse=True) == [Severity.ACT, Severity.WATCH, Severity.NOTE]


def test_the_stored_numbers_and_words_stay():
    assert {one.name.lower(): int(one) for one in Severity} == {"note": 0, "watch": 1, "act": 2}
    assert Severity(1) is Severity.WATCH
