"""The largest fall and rise within a window of evaluations."""

import math

import numpy as np
import pytest

from barograph.dashboard.analysis.measures import discover
from barograph.dashboard.analysis.measures.windows import largest_fall
from tests.dashboard.analysis.measures.histories import record

MEASURES = discover()


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


def test_a_curve_that_only_rises_has_a_fall_below_zero_and_one_value_has_none():
    assert largest_fall(np.array([0.1, 0.3, 0.4]), 10) == pytest.approx(-0.1)
    assert np.isnan(largest_fall(np.array([0.5]), 10))


def test_a_rise_is_a_fall_turned_round():
    made = record([(s, "a", value, 100, 0) for s, value in enumerate((0.1, 0.9, 0.3, 0.8))], [("a", 0, 3)])
    assert MEASURES["wf10"](made).value == pytest.approx(0.6) and MEASURES["wp10"](made).value == pytest.approx(0.8)
