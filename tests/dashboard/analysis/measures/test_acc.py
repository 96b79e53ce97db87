"""Mean accuracy over the tasks learned so far."""

import numpy as np
import pytest

from barograph.dashboard.analysis.measures.acc import accuracy_now
from tests.dashboard.analysis.measures.histories import record

VISITS = [("a", 0, 10), ("b", 10, 20)]
ROWS = [(10, "a", 0.8, 100, 0), (10, "b", 0.1, 100, 0), (20, "a", 0.6, 100, 0), (20, "b", 0.9, 100, 0)]


def test_it_is_the_mean_over_the_tasks_begun_with_its_binomial_error():
    found = accuracy_now(record(ROWS, VISITS))
    assert found.value == pytest.approx(0.75) and found.per_task == pytest.approx({"a": 0.6, "b": 0.9})
    assert found.error == pytest.approx(((0.6 * 0.4 + 0.9 * 0.1) / 100) ** 0.5 / 2)


def test_a_task_that_has_not_begun_does_not_count():
    assert accuracy_now(record(ROWS, [("a", 0, 20)])).value == pytest.approx(0.6)


def test_a_task_not_evaluated_in_the_current_visit_is_left_out_by_name():
    found = accuracy_now(record([row for row in ROWS if row[:2] != (20, "a")], VISITS))
    assert found.value == pytest.approx(0.9) and found.note.endswith(": a") and np.isnan(found.per_task["a"])


def test_without_a_task_it_says_how_to_mark_one():
    assert "run.begin_task" in accuracy_now(record(ROWS, [])).note
