"""The least accuracy of earlier tasks after they were learned."""

import pytest

from barograph.dashboard.analysis.measures import discover
from tests.dashboard.analysis.measures.histories import record

MEASURES = discover()


def test_a_task_that_recurs_counts_per_visit():
    """The minimum counts from the end of the latest visit; each visit has its own row."""
    rows = [(10, "a", 0.9, 100, 0), (12, "a", 0.0, 100, 0), (30, "a", 0.95, 100, 0), (35, "a", 0.6, 100, 0)]
    rows += [(40, "a", 0.8, 100, 0), (40, "b", 0.9, 100, 0)]
    found = MEASURES["min_acc"](record(rows, [("a", 0, 10), ("b", 10, 20), ("a", 20, 30), ("b", 30, 40)]))
    assert found.value == 0.6
    assert [(row.task, row.visit, row.value) for row in found.rows if row.task == "a"] == [("a", 1, 0.0), ("a", 2, 0.6)]


def test_the_end_of_the_visit_itself_is_no_minimum():
    rows = [(5, "a", 0.0, 100, 0), (10, "a", 0.2, 100, 0), (11, "a", 0.5, 100, 0), (20, "a", 0.4, 100, 0)]
    assert MEASURES["min_acc"](record(rows, [("a", 0, 10), ("b", 10, 20)])).value == 0.4


def test_the_worst_case_weighs_the_current_task_with_the_least_of_the_earlier():
    rows = [(10, "a", 0.9, 100, 0), (15, "a", 0.2, 100, 0), (20, "a", 0.8, 100, 0), (20, "b", 0.6, 100, 0)]
    made = record(rows, [("a", 0, 10), ("b", 10, 20)])
    least, worst = MEASURES["min_acc"](made), MEASURES["wc_acc"](made)
    assert worst.value == pytest.approx(0.6 / 2 + 0.2 / 2) and worst.per_task == pytest.approx({"a": 0.2, "b": 0.6})
    assert worst.error == pytest.approx(least.error / 2) and worst.bias == pytest.approx(least.bias / 2)


def test_the_minimum_of_many_noisy_evaluations_is_too_low():
    rows = [(step, "a", 0.5, 100, 0) for step in range(10, 110)]
    found = MEASURES["min_acc"](record(rows, [("a", 0, 10), ("b", 10, 109)]))
    assert found.value == 0.5 and -3 * 0.05 < found.bias < -2 * 0.05  # the least of 99 is 2.5 standard deviations down
