"""One odd note costs itself: the rest of its run, and every other run, are read, folded, checked and deleted."""

import math
import os

import pytest

from barograph.db import Evaluation, Event, Run, RunWriter, Store
from barograph.db.journal.accepted import LEFT_OUT, accepted
from barograph.db.journal.file import Journal
from barograph.db.places.paths import journal_folder

EVENT = {"step": 1, "kind": "data", "text": "", "time": 1.0, "attempt": 0, "data": {}}
EVALUATION = {"step": 3, "task": "a", "metric": "accuracy", "value": "0.5", "n": 5, "time": 1.0, "attempt": 0}
ODD = {
    "a step beyond 64 bits": {"event": EVENT | {"step": 2**63}},
    "a count beyond 64 bits": {"evaluation": EVALUATION | {"n": 2**63}},
    "a count in words": {"evaluation": EVALUATION | {"n": "many"}},
    "a plan beyond 64 bits": {"update": {"steps_planned": 2**63}},
    "a value that is none": {"evaluation": EVALUATION | {"value": "high"}},
    "no object": {"event": "text"},
    "an end without a state": {"close": {"time": 1.0}},
    "data that are no object": {"event": EVENT | {"data": [1]}},
    "knots in words": {"plan": {"lr_group": "0", "made_at": 0, "origin": "", "knots": "none"}},
}
NEWER = {
    "event": {"event": EVENT | {"mood": "calm"}},
    "attempt": {"attempt": {"number": 1, "from_step": 2, "started": 1.0, "state": "running", "mood": "calm"}},
    "evaluation": {"evaluation": EVALUATION | {"mood": "calm"}},
    "kind": {"weather": {"sky": "blue"}},
}


def journal(path, entry):
    """A dead writer's journal of the run "odd" with this note between its points."""
    run = {"id": "odd", "name": "odd", "started": 1.0, "process": {"host": "gone"}}
    opening = [{"run": run}, {"attempt": {"number": 0, "from_step": 0, "started": 1.0, "state": "running"}}]
    journal_folder(path).mkdir(exist_ok=True)
    found = Journal(journal_folder(path), "odd.0000000000001-1", opening)
    found.points(1, ("loss",), (1.0,))
    found.note(**entry)
    found.points(3, ("loss",), (3.0,))
    found.close()
    return found.path


def good(path):
    writer = RunWriter.open(path, Run("good", "good"))
    writer.points(1, ("loss",), (1.0,))
    writer.close()


@pytest.mark.parametrize("entry", [pytest.param(entry, id=name) for name, entry in ODD.items()])
def test_an_odd_note_is_left_out_and_named_before_and_after_folding(tmp_path, entry):
    path = tmp_path / "runs.db"
    good(path)
    os.utime(journal(path, entry), (1e9, 1e9))  # its writer has been silent for long
    store = Store(path)
    for folded in (False, True):
        if folded:
            assert store.fold() == 1
        assert {run.name: run.state for run in store.runs()} == {"odd": "lost", "good": "finished"}
        assert store.series("odd", "loss").values.tolist() == [1.0, 3.0]
        assert store.evaluations("odd") == [] or store.evaluations("odd")[0].n is None
        assert store.run("odd").steps_planned is None and store.plans("odd") == []
        [event] = [one for one in store.events("odd") if one.kind == LEFT_OUT]
        assert event.text.startswith("not stored: ")
    assert store.check() == [f"run odd: {event.text}"]
    store.delete("odd")
    assert [run.name for run in store.runs()] == ["good"]


@pytest.mark.parametrize("entry", [pytest.param(entry, id=name) for name, entry in NEWER.items()])
def test_what_a_newer_writer_adds_is_passed_over(tmp_path, entry):
    path = tmp_path / "runs.db"
    os.utime(journal(path, entry), (1e9, 1e9))  # its writer has been silent for long
    store = Store(path)
    for folded in (False, True):
        if folded:
            assert store.fold() == 1
        assert len(store.attempts("odd")) == 1 + ("attempt" in entry)
        assert len(store.events("odd")) == ("event" in entry)
        assert len(store.evaluations("odd")) == ("evaluation" in entry)
    assert store.check() == []


def test_the_writer_names_at_once_what_it_cannot_take_and_keeps_the_rest(tmp_path):
    path = tmp_path / "runs.db"
    with pytest.warns(RuntimeWarning, match="steps_planned = 9223372036854775808, expected a whole number"):
        writer = RunWriter.open(path, Run("", "bad", steps_planned=2**63))
    with pytest.warns(RuntimeWarning, match="event: step ="):
        writer.event(Event(2**63, "data"))
    with pytest.warns(RuntimeWarning, match="evaluation: n ="):
        writer.evaluation(Evaluation(3, "a", "accuracy", 0.5, n=2**63))
    writer.evaluation(Evaluation(4, "a", "accuracy", math.nan, n=5))
    writer.close()
    store = Store(path)
    run = store.run("bad")
    assert run.steps_planned is None and run.state == "finished"
    assert [(one.step, one.n) for one in store.evaluations(run.id)] == [(3, None), (4, 5)]
    assert [event.kind for event in store.events(run.id)] == [LEFT_OUT] * 3


def test_a_note_that_fits_stays_as_it_is_and_an_update_gets_no_defaults():
    assert accepted({"event": EVENT}, 0) == [{"event": EVENT}]
    assert accepted({"update": {"note": "x"}}, 0) == [{"update": {"note": "x"}}]
    assert accepted({"describe": {"name": "x", "unit": "s"}}, 0) == [{"describe": {"name": "x", "unit": "s"}}]


def test_an_integer_that_cannot_be_written_out_is_named_all_the_same():
    kept, event = accepted({"event": EVENT | {"step": 10**5000}}, 0)
    assert kept == {} and "step = an int that cannot be written out" in event["event"]["text"]
