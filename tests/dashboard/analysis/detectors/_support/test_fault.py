"""One fault from its beginning to its end, and the findings that report it."""

import pytest

from barograph.dashboard.analysis.detectors._support.fault import Fault
from barograph.dashboard.analysis.detectors.severity import Severity
from barograph.db.records import Finding


def at(first, last=None, severity=Severity.WATCH, sentence="It is so.", part=""):
    return Finding("made_up", part, first, first if last is None else last, first, severity, sentence)


def test_an_open_fault_keeps_its_first_step_and_takes_the_new_sentence():
    fault = Fault()
    fault.report(at(10, part="layer1"))
    fault.report(at(20, 25, sentence="It goes on.", part="layer2"))
    (found,) = fault.changes()
    assert (found.first, found.flagged, found.last, found.part) == (10, 10, 25, "layer1")
    assert found.sentence == "It goes on." and found.open and fault.severity is Severity.WATCH


def test_a_fault_that_gets_worse_is_a_new_finding_and_the_earlier_one_closes():
    fault = Fault()
    fault.report(at(10))
    fault.report(at(20, severity=Severity.ACT))
    before, now = fault.changes()
    assert (before.first, before.last, before.severity, before.open) == (10, 20, Severity.WATCH, False)
    assert (now.first, now.severity, now.open) == (20, Severity.ACT, True)


def test_a_fault_that_eases_stays_as_severe_until_it_closes():
    fault = Fault()
    fault.report(at(10, severity=Severity.ACT))
    fault.report(at(20))
    (found,) = fault.changes()
    assert found.severity == Severity.ACT and found.last == 20


def test_changes_are_handed_over_once():
    fault = Fault()
    fault.report(at(10))
    assert len(fault.changes()) == 1 and fault.changes() == []
    fault.extend(9)  # it was reported up to step 10 already
    assert fault.changes() == []
    fault.extend(15)
    assert [one.last for one in fault.changes()] == [15]


@pytest.mark.parametrize(("step", "last"), [(None, 10), (30, 30), (5, 10)])
def test_it_ends_at_the_last_step_at_which_it_held(step, last):
    fault = Fault()
    fault.report(at(10))
    fault.close(step)
    (found,) = fault.changes()
    assert found.last == last and not found.open
    assert fault.open is None and fault.severity is None
    fault.close(99)
    fault.extend(99)
    assert fault.changes() == []
