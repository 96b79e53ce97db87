"""Measures of tasks against the definitions one evaluation at a time, against known answers, and their properties."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.dashboard.analysis.measures import discover
from barograph.dashboard.analysis.measures._support.tasks import Evaluations
from tests.dashboard.analysis.measures import oracle_tasks as oracle
from tests.dashboard.analysis.measures.histories import assert_same, curve, record

PLAIN = (
    "acc", "forgetting", "forgetting_from_best", "bwt", "fwt", "learning_accuracy", "retention_index", "min_acc",
    "wc_acc",
)  # fmt: skip
MEASURES = discover()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**9))
def test_every_measure_is_the_definition(seed):
    rows, visits = oracle.made_up(seed)
    made = record(rows, visits)
    for name in PLAIN:
        assert_same(MEASURES[name](made).value, getattr(oracle, name)(rows, visits))
    for name, window, sign in (("wf10", 10, 1), ("wf100", 100, 1), ("wp10", 10, -1), ("wp100", 100, -1)):
        assert_same(MEASURES[name](made).value, oracle.windowed(rows, visits, window, sign))


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


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_says_what_it_is_and_survives_anything(name):
    measure = MEASURES[name]
    assert measure.name == name and measure.title and measure.sentence.endswith(".")
    assert measure.better in ("higher", "lower", "neither")
    for made in (
        curve([0.5], visits=[]),
        curve([0.5], visits=[("a", 0, 0)]),
        curve(np.full(201, np.nan)),
        curve(np.zeros(201), n=10, n_invalid=10, also={"loss": [np.nan] * 201, "gold": [np.nan] * 201}),
        curve(np.ones(201), n=1, fixed=True, also={"loss": np.zeros(201), "gold": np.zeros(201)}),
        Evaluations.of([5, 300], ["x", "y"], [0.1, 0.2], visits=[("a", 0, 100), ("b", 100, None)]),
    ):
        found = measure(made)
        assert found.measured or found.note
