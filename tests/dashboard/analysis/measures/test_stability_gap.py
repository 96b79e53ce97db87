"""The stability gap against its definition and a known dip."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.dashboard.analysis.measures import discover
from barograph.dashboard.analysis.measures.stability_gap import gaps
from tests.dashboard.analysis.measures import oracle_tasks as oracle
from tests.dashboard.analysis.measures.histories import TWO, assert_same, record

MEASURES = discover()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**9))
def test_every_gap_is_the_definition(seed):
    rows, visits = oracle.made_up(seed)
    expected = oracle.gaps(rows, visits)
    found = {(gap.task, gap.boundary): gap for gap in gaps(record(rows, visits))}
    assert found.keys() == expected.keys()
    for key, (depth, transient, persistent, recovery) in expected.items():
        gap = found[key]
        for value, truth in ((gap.depth, depth), (gap.transient, transient), (gap.persistent, persistent)):
            assert_same(value, truth)
        assert_same(gap.recovery, recovery)
        assert gap.depth == pytest.approx(gap.transient + gap.persistent)
    assert_same(MEASURES["gap_depth"](record(rows, visits)).value, oracle.mean([row[0] for row in expected.values()]))


def test_evaluating_at_task_ends_alone_hides_the_gap():
    steps = np.arange(0, 201)
    values = np.where(steps <= 100, 0.9, np.minimum(0.88, 0.1 + 0.03 * (steps - 101)))
    visits = [("a", 0, 100), ("b", 100, 200)]
    rows = [(int(s), "a", float(v), 1000, 0) for s, v in zip(steps, values, strict=True)]
    every, ends = record(rows, visits), record([row for row in rows if row[0] % 100 == 0], visits)
    assert MEASURES["min_acc"](every).value == pytest.approx(0.1)
    assert MEASURES["min_acc"](ends).value == pytest.approx(0.88)
    (gap,) = gaps(every)
    assert (gap.depth, gap.transient, gap.persistent) == pytest.approx((0.8, 0.78, 0.02))
    assert gap.lowest_at == 101 and gap.recovery == 26 and gap.ended
    assert not gaps(ends)


def test_a_gap_that_does_not_close_is_censored_and_counted():
    steps = np.arange(0, 201)
    values = np.where(steps <= 100, 0.9, 0.5 - 0.002 * (steps - 100))
    made = record([(int(s), "a", float(v), 1000, 0) for s, v in zip(steps, values, strict=True)], TWO)
    (gap,) = gaps(made)
    assert gap.lowest_at == 200 and gap.transient == pytest.approx(0.002 * 4.5) and np.isnan(gap.recovery)
    found = MEASURES["gap_recovery"](made)
    assert not found.measured and found.note == "1 of 1 have not recovered within their interval"
    assert MEASURES["gap_persistent"](made).value == pytest.approx(gap.persistent)
