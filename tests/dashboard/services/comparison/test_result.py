"""What a comparison comes to: a verdict a run, and intervals in few words."""

import math

import pytest

from barograph.dashboard.analysis.statistics.difference import SAME, Difference
from barograph.dashboard.services.comparison.result import Comparison, Result, interval_text, verdict
from barograph.db import Run
from barograph.interval import Interval

GAP = Interval(-0.1, -0.2, -0.05)


@pytest.mark.parametrize(
    ("better", "found", "expected"),
    [
        ("lower", "lower", "better"),
        ("lower", "higher", "worse"),
        ("higher", "higher", "better"),
        ("neither", "lower", "lower"),
        ("lower", SAME, SAME),
    ],
)
def test_better_or_worse_depends_on_the_signal(better, found, expected):
    comparison = Comparison("loss", "", "step", "a", None, (), {}, None, better)
    assert verdict(comparison, Result(Run("b", "b"), difference=Difference(GAP, found))) == expected
    assert verdict(comparison, Result(Run("b", "b"))) == ""


def test_an_interval_in_few_words():
    assert interval_text(None) == interval_text(Interval(math.inf, 1.0, math.inf)) == "–"
    assert interval_text(Interval(7200, 3600, math.inf), 1 / 3600) == "2 (1 to ?)"
