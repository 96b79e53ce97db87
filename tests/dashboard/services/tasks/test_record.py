"""Visits and evaluations as measures are given them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from barograph.dashboard.analysis.measures._support.tasks import Visit
from barograph.dashboard.services.tasks import record
from barograph.db import Event, Run, RunWriter, Store
from tests.dashboard import made_up_evaluations as made_up
from tests.dashboard.made_up_evaluations import NAMES, VISIT


def test_visits_are_read_from_the_timeline(evaluated):
    store, run = evaluated()
    assert made_up.visits(store, run) == tuple(Visit(name, k * VISIT, (k + 1) * VISIT) for k, name in enumerate(NAMES))
    assert [visit.task for visit in record.boundaries(made_up.visits(store, run))] == list(NAMES[1:])


@pytest.mark.parametrize(("said", "expected"), [
    ([(0, "a", "begin"), (50, "b", "begin")], [Visit("a", 0, 50), Visit("b", 50)]),
    ([(0, "a", "begin"), (30, "a", "begin"), (50, "a", "end")], [Visit("a", 0, 50)]),  # begun again after a restart
    ([(0, "a", "begin"), (9, "a", "end"), (9, "b", "begin"), (12, "b", "end"), (12, "a", "begin")],
     [Visit("a", 0, 9), Visit("b", 9, 12), Visit("a", 12)]),
    ([(5, "a", "end")], []),
    ([(5, "a", "begin"), (5, "a", "end")], []),
])  # fmt: skip
def test_boundaries_that_are_missing_or_come_twice(said, expected):
    events = [Event(step, "task", name, k, 0, {"boundary": side}) for k, (step, name, side) in enumerate(said)]
    whole = [SimpleNamespace(attempt=0, low=-1, high=10**9)]
    assert list(record.visits(events, whole)) == expected


def test_an_abandoned_attempt_has_no_visits(tmp_path):
    writer = RunWriter.open(tmp_path / "runs.db", Run(id="", name="back"))
    for step, name in ((0, "a"), (50, "b")):
        writer.event(Event(step=step, kind="task", text=name, data={"task": name, "boundary": "begin"}))
    writer.columns(np.arange(80), ("loss",), np.ones((80, 1)))
    writer.begin_attempt(20)
    writer.columns(np.arange(21, 40), ("loss",), np.ones((19, 1)))
    writer.close()
    store = Store(tmp_path / "runs.db")
    assert made_up.visits(store, store.runs()[0].id) == (Visit("a", 0),)


def test_the_record_holds_every_evaluation_with_its_count_and_loss(evaluated):
    store, run = evaluated()
    found = record.record(store, run, "eval_accuracy")
    assert found.names == NAMES and len(found.step) == 3 * (3 * VISIT + 1) and set(found.n) == {1000.0}
    curve = found.curve("letters")
    series = store.series(run, "eval_accuracy", ("letters",))
    assert np.array_equal(curve.step, series.steps) and np.array_equal(curve.value, series.values)
    assert np.allclose(found.curve("letters", "loss").value, 2.3 * (1 - series.values))
    assert record.record(store, run, "eval_f1") is None


def test_a_thinned_record_says_so_and_ends_with_the_newest(evaluated):
    store, run = evaluated()
    found = record.record(store, run, "eval_accuracy", most=400)
    assert len(found.step) <= 400 and found.step.max() == 3 * VISIT
    assert "every 3rd" in found.notes[0].replace("3th", "3rd") and found.cadence() == 3


def test_what_is_no_share_is_refused_in_a_sentence(evaluated):
    store, run = evaluated(made_up.percent)
    with pytest.raises(ValueError, match="41, expected a share between 0 and 1"):
        record.record(store, run, "eval_accuracy")
