"""The share of what was learned that is still there."""

import numpy as np
import pytest

from barograph.dashboard.analysis.measures.retention import retention
from tests.dashboard.analysis.measures.histories import record

VISITS = [("a", 0, 10), ("b", 10, 20)]
ROWS = [(10, "a", 0.8, 100, 0), (10, "b", 0.1, 100, 0), (20, "a", 0.6, 100, 0), (20, "b", 0.9, 100, 0)]


def test_it_is_the_share_of_earlier_tasks_that_is_left():
    found = retention(record(ROWS, VISITS))
    assert found.value == pytest.approx(0.6 / 0.8) and set(found.per_task) == {"a"}


def test_its_error_is_the_spread_of_drawn_accuracies():
    rng = np.random.default_rng(0)
    drawn = rng.binomial(100, 0.6, 20_000) / np.maximum(rng.binomial(100, 0.8, 20_000), 1)
    assert retention(record(ROWS, VISITS)).error == pytest.approx(drawn.std(), rel=0.05)


def test_above_one_is_gained_and_a_task_never_learned_has_none():
    better = [(*row[:2], 0.4, *row[3:]) if row[:2] == (10, "a") else row for row in ROWS]
    assert retention(record(better, VISITS)).value == pytest.approx(1.5)
    never = [(*row[:2], 0.0, *row[3:]) if row[:2] == (10, "a") else row for row in ROWS]
    assert not retention(record(never, VISITS)).measured


def test_with_one_task_nothing_can_have_been_forgotten():
    assert "no task was learned before" in retention(record(ROWS, VISITS[:1])).note
