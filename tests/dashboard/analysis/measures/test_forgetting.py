"""Forgetting by both definitions."""

import pytest

from barograph.dashboard.analysis.measures import discover
from tests.dashboard.analysis.measures.histories import record

MEASURES = discover()


def test_best_and_learned_differ_where_a_task_went_on_improving():
    rows = [(10, "a", 0.6, 100, 0), (20, "a", 0.9, 100, 0), (30, "a", 0.5, 100, 0)]
    made = record(rows, [("a", 0, 10), ("b", 10, 20), ("c", 20, 30)])
    assert MEASURES["forgetting"](made).value == pytest.approx(0.1)
    assert MEASURES["forgetting_from_best"](made).value == pytest.approx(0.4)


def test_its_error_is_that_of_a_difference_of_two_shares():
    rows = [(10, "a", 0.6, 100, 0), (20, "a", 0.5, 400, 0)]
    found = MEASURES["forgetting"](record(rows, [("a", 0, 10), ("b", 10, 20)]))
    assert found.error == pytest.approx((0.6 * 0.4 / 100 + 0.5 * 0.5 / 400) ** 0.5)


def test_below_zero_is_gained():
    found = MEASURES["forgetting"](
        record([(10, "a", 0.6, 100, 0), (20, "a", 0.7, 100, 0)], [("a", 0, 10), ("b", 10, 20)])
    )
    assert found.value == pytest.approx(-0.1)
