"""A record of evaluations: sorted, checked, and with visits as people write them down."""

import re

import numpy as np
import pytest

from barograph.dashboard.analysis.measures._support.tasks import ClosedVisit, Evaluations

STEPS, TASKS, VALUES = [20, 0, 10, 10, 0, 20], list("ababab"), [0.5, 0.1, 0.9, 0.2, 0.1, 0.8]


def made(step=STEPS, task=TASKS, value=VALUES, visits=(("a", 0, 10), ("b", 10, 20)), **more):
    return Evaluations.of(step, task, value, visits=visits, **more)


def test_rows_in_any_order_become_curves():
    record = made(n=100)
    np.testing.assert_array_equal(record.curve("a").step, [0, 10, 20])
    np.testing.assert_array_equal(record.curve("a").value, [0.1, 0.9, 0.5])
    np.testing.assert_array_equal(record.curve("b").between(0, 10).value, [0.2])
    assert record.tasks == ("a", "b") and record.earlier == ("a",) and record.now == 20
    assert record.at_end("a", record.begun[0]) == 0.9
    assert record.cadence() == 10 and record.spacing() == "one every 10 steps"


def test_starts_given_as_first_steps_are_the_ends_before():
    assert made(visits=[("a", 0, 10), ("b", 11, 20)]).visits == made().visits


def test_tasks_are_in_the_order_in_which_they_are_learned():
    assert made(visits=[("b", 0, 10), ("a", 10, 20)]).names == ("b", "a")


def test_an_open_end_goes_on_and_an_earlier_one_ends_with_the_next():
    record = made(visits=[("a", 0, None), ("b", 10, None)])
    assert record.begun == (ClosedVisit("a", 0, 10), ClosedVisit("b", 10, 20))
    assert "'a' has no end: it is taken to end where 'b' begins (10)" in record.notes[0]
    assert "'b' never ends: it counts as still being learned at step 20" in record.notes[1]


def test_an_end_that_has_not_come_is_said():
    record = made(visits=[("a", 0, 10), ("b", 10, 500)])
    assert record.begun[-1] == ClosedVisit("b", 10, 20)
    assert "'b' ends at step 500, after the last evaluation" in record.notes[0]


def test_a_visit_that_nothing_is_known_of_has_not_begun():
    record = made(visits=[("a", 0, 10), ("b", 10, 20), ("c", 20, 30)])
    assert record.current == ClosedVisit("b", 10, 20)
    assert "'c' is learned but never evaluated" in " ".join(record.notes)


def test_what_was_learned_before_the_run_is_an_earlier_task():
    record = made(visits=[("a", 0, 0), ("b", 0, 20)])
    assert record.earlier == ("a",)
    assert record.at_end("a", record.latest("a")) == 0.1


def test_evaluations_before_a_task_begins_are_kept_and_said():
    assert "1 evaluation of 'b' before it begins at step 10" in made().notes[0]


def test_held_out_tasks_are_kept_unless_strict():
    record = made(visits=[("a", 0, 10)])
    assert record.names == ("a", "b") and record.tasks == ("a",)
    with pytest.raises(ValueError, match="task 'b' is evaluated but no boundary names it: expected one of a"):
        made(visits=[("a", 0, 10)], strict=True)
    with pytest.raises(ValueError, match="task 'c' of the boundaries is never evaluated: expected one of a, b"):
        made(visits=[("a", 0, 10), ("b", 10, 15), ("c", 15, 20)], strict=True)


@pytest.mark.parametrize("wrong", [1.5, -0.1, 82.0, np.inf])
def test_a_value_that_is_no_share_is_named(wrong):
    with pytest.raises(ValueError, match=re.escape(f"step 10, task 'a': accuracy {wrong:g}, expected a share")):
        made(value=[0.5, 0.1, wrong, 0.2, 0.1, 0.8])


def test_a_value_that_was_not_measured_is_left_out_and_said():
    record = made(value=[0.5, 0.1, np.nan, 0.2, 0.1, 0.8])
    assert len(record.curve("a")) == 2
    assert "1 evaluation without an accuracy left out" in record.notes


def test_other_metrics_have_curves_of_their_own():
    record = made(also={"loss": [2.0, None, 1.0, np.nan, 3.0, 0.5]})
    np.testing.assert_array_equal(record.curve("a", "loss").value, [3.0, 1.0, 2.0])
    np.testing.assert_array_equal(record.curve("b", "loss").step, [20])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"step": [20, 0, 20, 10, 0, 20]}, "step 20, task 'a' is evaluated twice"),
        ({"step": [20, 0, -1, 10, 0, 20]}, "step -1, task 'a': expected steps from 0 on"),
        ({"visits": [("a", 10, 5)]}, "task 'a' ends at step 5 before it begins at step 10"),
        ({"visits": [("a", -3, 5)]}, "task 'a' begins at step -3"),
        ({"visits": [("a", 0, 15), ("b", 10, 20)]}, "'b' begins at step 10, before 'a' ends at step 15"),
        ({"n": [1, 2]}, "2 values of n for 6 evaluations"),
        ({"n": 0}, "n = 0 and n_invalid = nan, expected n > 0"),
        ({"n": 10, "n_invalid": 11}, "n = 10 and n_invalid = 11, expected n > 0 and n_invalid between 0 and n"),
        ({"value": [0.5]}, "6 steps, 6 tasks, 1 values"),
        ({"step": [], "task": [], "value": []}, "there are no evaluations"),
    ],
)
def test_what_is_no_record_is_refused(more, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        made(**more)


def test_an_unknown_task_is_named():
    with pytest.raises(ValueError, match="task 'z' was never evaluated: expected one of a, b"):
        made().curve("z")
