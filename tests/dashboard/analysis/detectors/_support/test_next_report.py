"""What the next report should be, against the docstring's words and whatever the cuts."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.dashboard.analysis.detectors._support.next_report import EACH, FIRST, NextReport


def test_level_and_spread_by_hand():
    level, spread = NextReport(100).feed(np.array([3.2, 2.5, 2.1, 1.9, 1.8, 1.75, 1.72]))
    np.testing.assert_allclose(level[2:], [2.85, 2.5, 2.3, 2.1, 1.9])
    assert np.isnan(level[:2]).all() and np.isnan(spread[:FIRST]).all()
    errors = np.array([2.1 - 2.85, 1.9 - 2.5, 1.8 - 2.3, 1.75 - 2.1])
    middle = np.median(errors)
    usual = np.median(np.abs(errors - middle)) / 0.6745
    tail = np.clip((np.quantile(errors, 0.9) - middle) / 1.2816, usual, 2 * usual)
    np.testing.assert_allclose(spread[FIRST], max(tail, (errors.max() - middle) / 2) * (1 + 8 / 4))


def test_a_trend_is_no_spread_and_an_outlier_is_none_either():
    falling = np.linspace(3, 1, 60) + 0.01 * np.random.default_rng(0).standard_normal(60)
    _, calm = NextReport(100).feed(falling)
    assert 0.01 < calm[-1] < 0.03  # the fall of a window of 30 reports is 1
    falling[[40, 50]] = 30.0
    level, spread = NextReport(100).feed(falling)
    assert spread[-1] < 2 * calm[-1] and level[-1] < 1.2


def test_after_the_first_reports_it_says_nothing():
    level, spread = NextReport(20).feed(np.random.default_rng(1).normal(2, 0.1, 50))
    assert np.isfinite(spread[FIRST:20]).all() and np.isnan(level[20:]).all() and np.isnan(spread[20:]).all()


@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(0, 2 * EACH), max_size=10))
def test_cuts_do_not_matter(cuts):
    values = np.random.default_rng(2).lognormal(0, 0.4, 2 * EACH)
    pieces = np.split(values, sorted(cuts))
    watched = NextReport(100)
    joined = np.concatenate([watched.feed(piece) for piece in pieces], axis=1)
    np.testing.assert_array_equal(joined, NextReport(100).feed(values))
