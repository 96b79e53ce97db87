"""How well each task was learned at the time."""

import numpy as np
import pytest

from barograph.dashboard.analysis.measures.learning_accuracy import learning_accuracy
from tests.dashboard.analysis.measures.histories import record

VISITS = [("a", 0, 10), ("b", 10, 20)]
ROWS = [(10, "a", 0.8, 100, 0), (10, "b", 0.1, 100, 0), (20, "a", 0.6, 100, 0), (20, "b", 0.9, 100, 0)]


def test_it_is_the_mean_over_tasks_at_the_ends_of_their_own_visits():
    found = learning_accuracy(record(ROWS, VISITS))
    assert found.value == pytest.approx((0.8 + 0.9) / 2)
    assert found.error == pytest.approx(((0.8 * 0.2 + 0.9 * 0.1) / 100) ** 0.5 / 2)


def test_what_is_forgotten_later_does_not_count():
    worse = [(*row[:2], 0.0, *row[3:]) if row[:2] == (20, "a") else row for row in ROWS]
    assert learning_accuracy(record(worse, VISITS)).value == learning_accuracy(record(ROWS, VISITS)).value


def test_of_several_visits_the_latest_counts():
    again = learning_accuracy(record([*ROWS, (30, "a", 0.5, 100, 0)], [*VISITS, ("a", 20, 30)]))
    assert again.per_task == pytest.approx({"a": 0.5, "b": 0.9})


def test_a_task_not_evaluated_at_its_end_is_left_out_by_name():
    found = learning_accuracy(record([row for row in ROWS if row[:2] != (10, "a")], VISITS))
    assert found.value == pytest.approx(0.9) and "a" in found.note and np.isnan(found.per_task["a"])
