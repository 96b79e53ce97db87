"""Superficial and essential forgetting, on histories whose answer is known and against the definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.dashboard.analysis.measures import discover
from tests.dashboard.analysis.measures import oracle_tasks as oracle
from tests.dashboard.analysis.measures.histories import assert_same, curve, record

MEASURES = discover()


def test_answers_in_no_readable_format_are_superficial_forgetting():
    """Every fall is by format: of the readable answers as many are right as before."""
    invalid = np.where(np.arange(201) > 100, 500, 0)
    record = curve(0.8 * (1 - invalid / 1000), n=1000, n_invalid=invalid)
    found = MEASURES["superficial_forgetting"](record)
    assert found.value == pytest.approx(0.4) and "format drift: a" in found.note
    assert MEASURES["essential_forgetting"](record).value == pytest.approx(0, abs=1e-12)
    (row,) = found.rows
    assert row.format_drift and (row.valid_now, row.given_valid_now) == pytest.approx((0.5, 0.8))


def test_wrong_answers_in_the_right_format_are_essential():
    record = curve(np.where(np.arange(201) > 100, 0.4, 0.8), n=1000, n_invalid=0)
    found = MEASURES["essential_forgetting"](record)
    assert found.value == pytest.approx(0.4) and not found.rows[0].format_drift
    assert MEASURES["superficial_forgetting"](record).value == pytest.approx(0)


def test_no_readable_answer_at_all_is_superficial():
    record = curve(np.where(np.arange(201) > 100, 0.0, 0.8), n=100, n_invalid=np.where(np.arange(201) > 100, 100, 0))
    assert MEASURES["superficial_forgetting"](record).value == pytest.approx(0.8)


def test_without_counts_the_parts_are_not_measured():
    found = MEASURES["superficial_forgetting"](curve(np.linspace(0.9, 0.1, 201)))
    assert not found.measured and "pass n and n_invalid" in found.note


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**9))
def test_format_parts_are_the_definition_and_add_up(seed):
    rows, visits = oracle.made_up(seed, invalid=True)
    made = record(rows, visits)
    expected = oracle.format_parts(rows, visits)
    for name, part in (("superficial_forgetting", 0), ("essential_forgetting", 1)):
        found = MEASURES[name](made)
        for task, parts in expected.items():
            assert_same(found.per_task[task], parts[part])
    lost = MEASURES["forgetting"](made).per_task
    for task, parts in expected.items():
        assert sum(parts) == pytest.approx(lost[task], abs=1e-12)
