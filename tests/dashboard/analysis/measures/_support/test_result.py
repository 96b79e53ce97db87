"""What a measure answers: means over tasks with their errors, and reasons where there is no number."""

from dataclasses import dataclass

import numpy as np
import pytest

from barograph.dashboard.analysis.measures._support.result import (
    Measure,
    MeasureResult,
    as_columns,
    average,
    not_measured,
)
from barograph.interval import Interval
from tests.dashboard.analysis.measures.histories import curve


def test_a_mean_has_the_error_of_independent_terms():
    found = average({"a": 0.4, "b": 0.8}, {"a": 0.03, "b": 0.04}, cadence=10.0)
    assert found.value == pytest.approx(0.6) and found.error == pytest.approx(0.05 / 2)
    assert found.cadence == 10 and found.per_task == {"a": 0.4, "b": 0.8} and found.note == ""
    assert np.isnan(average({"a": 0.4}).error)


def test_terms_that_are_missing_are_left_out_and_named():
    found = average({"a": 0.4, "b": np.nan, "c": 0.6}, {"a": 0.0, "b": np.nan, "c": 0.06}, note="per visit")
    assert found.value == pytest.approx(0.5) and found.error == pytest.approx(0.03)
    assert found.note == "per visit; left out, not evaluated at the steps needed: b"


def test_without_any_term_the_reason_is_given():
    for found in (average({"a": np.nan}, why="nothing to see"), not_measured("nothing to see", per_task={"a": np.nan})):
        assert not found.measured and found.note == "nothing to see" and set(found.per_task) == {"a"}


def test_infinity_is_no_measurement():
    assert MeasureResult(0.0).measured and not MeasureResult(np.inf).measured


def test_an_interval_becomes_three_columns():
    @dataclass(frozen=True)
    class Row:
        task: str
        at: Interval

    assert as_columns(Row("a", Interval(2.0, 1.0, 4.0))) == {"task": "a", "at": 2.0, "low": 1.0, "high": 4.0}


def test_a_measure_is_called_with_a_record():
    measure = Measure("points", "Points", "How many.", "neither", lambda record: MeasureResult(len(record.step)))
    assert measure(curve(np.zeros(7))).value == 7
