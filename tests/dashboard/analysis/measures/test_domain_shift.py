"""What is lost and gained on sources of data, in nats."""

import numpy as np
import pytest

from barograph.dashboard.analysis.measures import discover
from barograph.dashboard.analysis.measures._support.tasks import Evaluations
from tests.dashboard.analysis.measures.histories import TWO

MEASURES = discover()
AT_ENDS = {"pile": {100: 2.31, 200: 3.56}, "german": {100: 1.90, 200: 1.11}}
FROM_SCRATCH = {name: {0: 10.0, **losses} for name, losses in AT_ENDS.items()}
FROM_CHECKPOINT = {"pile": {0: 2.31, 100: 3.56}, "german": {0: 1.90, 100: 1.11}}


def evaluated(losses, visits):
    """The record of losses by task and step."""
    rows = [(step, task, loss) for task, by_step in losses.items() for step, loss in by_step.items()]
    step, task, loss = zip(*rows, strict=True)
    return Evaluations.of(step, task, [np.nan] * len(rows), visits=visits, also={"loss": loss})


def test_domains_are_compared_with_the_exact_start():
    """Nats lost on the first kind and won on the second, over the second's visit."""
    record = evaluated({"a": {0: 5.0, 100: 2.0, 200: 3.5}, "b": {0: 5.0, 100: 4.0, 200: 1.0}}, TWO)
    assert MEASURES["loss_forgetting"](record).per_task == {"a": 1.5}
    assert MEASURES["loss_adaptation"](record).per_task == {"b": 3.0}
    assert not MEASURES["acc"](record).measured


@pytest.mark.parametrize(("losses", "visits"), [
    (AT_ENDS, [("pile", 0, 100), ("german", 100, 200)]),
    (FROM_SCRATCH, [("pile", 0, 100), ("german", 100, 200)]),
    (FROM_CHECKPOINT, [("pile", 0, 0), ("german", 0, 100)]),
    (FROM_CHECKPOINT, [("german", 0, None)]),
])  # fmt: skip
def test_continued_pre_training_however_it_is_declared(losses, visits):
    """Forgetting and adaptation without replay, by the figures of Ibrahim et al. 2024."""
    record = evaluated(losses, visits)
    forgetting, adaptation = MEASURES["loss_forgetting"](record), MEASURES["loss_adaptation"](record)
    assert forgetting.per_task == {"pile": pytest.approx(1.25)} and forgetting.value == pytest.approx(1.25)
    assert adaptation.per_task == {"german": pytest.approx(0.79)} and adaptation.value == pytest.approx(0.79)


def test_what_is_taken_as_known_is_said():
    """Beside a single visited task the others count as known; once a second is visited they may be held-out ones."""
    single = MEASURES["loss_forgetting"](evaluated(FROM_CHECKPOINT, [("german", 0, None)]))
    assert "learned before the run" in single.note and "pile" in single.note
    both = evaluated(
        {"a": {9: 1.0, 20: 1.5}, "b": {20: 2.0}, "held out": {9: 3.0, 20: 9.0}}, [("a", 0, 9), ("b", 9, 20)]
    )
    assert MEASURES["loss_forgetting"](both).per_task == {"a": 0.5}


def test_a_task_that_never_met_another_cannot_be_forgotten():
    found = MEASURES["loss_forgetting"](evaluated({"a": {0: 3.0, 9: 1.0}}, [("a", 0, 9)]))
    assert not found.measured and "learned before" in found.note


def test_a_known_task_without_a_reference_is_named():
    """Of two tasks learned before the run one was first evaluated behind its start."""
    losses = {"a": {0: 1.0, 9: 1.5}, "b": {5: 1.0, 9: 4.0}, "c": {0: 3.0, 9: 2.0}}
    found = MEASURES["loss_forgetting"](evaluated(losses, [("a", 0, 0), ("b", 0, 0), ("c", 0, 9)]))
    assert found.value == 0.5 and "not evaluated" in found.note and found.note.endswith("b")
