"""Measures of tasks against the definitions one evaluation at a time, against known answers, and their properties."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.dashboard.analysis.measures import discover
from barograph.dashboard.analysis.measures._support.tasks import Evaluations
from barograph.dashboard.analysis.measures.stability_gap import gaps
from barograph.dashboard.analysis.measures.windows import largest_fall

sys.path.insert(0, str(Path(__file__).parent))
import oracle_tasks as oracle  # noqa: E402

PLAIN = (
    "acc", "forgetting", "forgetting_from_best", "bwt", "fwt", "learning_accuracy", "retention_index", "min_acc",
    "wc_acc",
)  # fmt: skip
MEASURES = discover()


def record(rows, visits, **more):
    step, task, value, n, bad = zip(*rows, strict=True)
    return Evaluations.of(step, task, value, n=n, n_invalid=bad, visits=visits, **more)


def same(found, expected):
    if math.isnan(expected):
        assert math.isnan(found)
    else:
        assert found == pytest.approx(expected, abs=1e-12, rel=1e-12)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**9))
def test_every_measure_is_the_definition(seed):
    rows, visits = oracle.made_up(seed)
    made = record(rows, visits)
    for name in PLAIN:
        same(MEASURES[name](made).value, getattr(oracle, name)(rows, visits))
    for name, window, sign in (("wf10", 10, 1), ("wf100", 100, 1), ("wp10", 10, -1), ("wp100", 100, -1)):
        same(MEASURES[name](made).value, oracle.windowed(rows, visits, window, sign))


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
            same(value, truth)
        same(gap.recovery, recovery)
        assert gap.depth == pytest.approx(gap.transient + gap.persistent)
    same(MEASURES["gap_depth"](record(rows, visits)).value, oracle.mean([row[0] for row in expected.values()]))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**9))
def test_format_parts_are_the_definition_and_add_up(seed):
    rows, visits = oracle.made_up(seed, invalid=True)
    made = record(rows, visits)
    expected = oracle.format_parts(rows, visits)
    for name, part in (("superficial_forgetting", 0), ("essential_forgetting", 1)):
        found = MEASURES[name](made)
        for task, parts in expected.items():
            same(found.per_task[task], parts[part])
    lost = MEASURES["forgetting"](made).per_task
    for task, parts in expected.items():
        assert sum(parts) == pytest.approx(lost[task], abs=1e-12)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**9))
def test_what_always_holds(seed):
    rows, visits = oracle.made_up(seed)
    made = record(rows, visits)
    value = {name: measure(made).value for name, measure in MEASURES.items()}
    assert value["wc_acc"] <= value["acc"] + 1e-12
    assert value["wf10"] <= value["wf100"] + 1e-12 and value["wp10"] <= value["wp100"] + 1e-12
    if not math.isnan(value["forgetting"]):
        assert value["bwt"] == -value["forgetting"]
        assert value["forgetting"] <= value["forgetting_from_best"] + 1e-12
        kept = [name for name in made.tasks if name != visits[-1][0]]
        assert value["min_acc"] <= np.mean([made.at_end(name, made.current) for name in kept]) + 1e-12
    assert MEASURES["acc"](record(sorted(rows), visits)).value == value["acc"]


def test_a_matrix_with_known_answers():
    """R of Lopez-Paz and Ranzato, three tasks: rows are what was known after each, b what was known before any."""
    b, r = [0.1, 0.2, 0.3], [[0.9, 0.4, 0.3], [0.7, 0.8, 0.6], [0.5, 0.9, 0.7]]
    rows = [(0, "abc"[i], b[i], 100, 0) for i in range(3)]
    rows += [(10 * (k + 1), "abc"[i], r[k][i], 100, 0) for k in range(3) for i in range(3)]
    made = record(rows, [("a", 0, 10), ("b", 10, 20), ("c", 20, 30)])
    known = {
        "acc": 0.7, "forgetting": (0.4 - 0.1) / 2, "forgetting_from_best": (0.4 - 0.1) / 2, "bwt": (-0.4 + 0.1) / 2,
        "fwt": ((0.4 - 0.2) + (0.6 - 0.3)) / 2, "learning_accuracy": (0.9 + 0.8 + 0.7) / 3, "min_acc": (0.5 + 0.9) / 2,
        "wc_acc": 0.7 / 3 + 2 / 3 * 0.7, "retention_index": (0.5 / 0.9 + 0.9 / 0.8) / 2,
        "wf10": (0.4 - 0.1 + 0.0) / 3, "wp10": (0.8 + 0.7 + 0.4) / 3,
    }  # fmt: skip
    for name, value in known.items():
        assert MEASURES[name](made).value == pytest.approx(value, abs=1e-12), name


def test_best_and_learned_differ_where_a_task_went_on_improving():
    rows = [(10, "a", 0.6, 100, 0), (20, "a", 0.9, 100, 0), (30, "a", 0.5, 100, 0)]
    made = record(rows, [("a", 0, 10), ("b", 10, 20), ("c", 20, 30)])
    assert MEASURES["forgetting"](made).value == pytest.approx(0.1)
    assert MEASURES["forgetting_from_best"](made).value == pytest.approx(0.4)


def test_forward_transfer_keeps_its_sign_and_needs_initialisation():
    visits = [("a", 0, 10), ("b", 10, 20)]
    rows = [(0, "b", 0.5, 100, 0), (10, "a", 0.9, 100, 0), (10, "b", 0.3, 100, 0), (20, "b", 0.9, 100, 0)]
    assert MEASURES["fwt"](record(rows, visits)).value == pytest.approx(-0.2)
    without = MEASURES["fwt"](record(rows[1:], visits))
    assert not without.measured and "initialisation" in without.note


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


@pytest.mark.parametrize("window", [1, 2, 3, 7, 10, 100])
def test_the_largest_fall_of_any_window(window):
    values = np.random.default_rng(window).random((4, 37))
    falls = [
        max((row[m] - row[n] for n in range(37) for m in range(max(0, n - window + 1), n)), default=math.nan)
        for row in values
    ]
    np.testing.assert_allclose(largest_fall(values, window), falls)


def test_windows_say_their_cadence():
    every = record([(s, "a", 0.5, 100, 0) for s in range(50)], [("a", 0, 49)])
    tenth = record([(s, "a", 0.5, 100, 0) for s in range(0, 500, 10)], [("a", 0, 490)])
    assert MEASURES["wf10"](every).cadence == 1 and "every 1 step" in MEASURES["wf10"](every).note
    assert MEASURES["wf10"](tenth).cadence == 10 and "every 10 steps" in MEASURES["wf10"](tenth).note


def test_nothing_can_be_forgotten_with_one_task():
    made = record([(s, "a", 0.5, 100, 0) for s in range(10)], [("a", 0, 9)])
    for name in ("forgetting", "bwt", "fwt", "min_acc", "retention_index", "gap_depth", "gap_recovery"):
        found = MEASURES[name](made)
        assert not found.measured and found.note, name
    assert MEASURES["acc"](made).value == MEASURES["wc_acc"](made).value == 0.5


def test_no_boundaries_at_all_is_said():
    made = record([(s, "a", 0.5, 100, 0) for s in range(10)], [])
    assert "no task has begun" in MEASURES["acc"](made).note
    assert MEASURES["wf10"](made).value == 0
