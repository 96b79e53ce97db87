"""Means over bins with their errors, and the noise of a point."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.dashboard.analysis.statistics.binned import binned, noise
from tests.dashboard.analysis.statistics.synthetic import curve, shocks


@pytest.mark.parametrize("r", [0.0, 0.4, 0.8])
def test_noise_is_told_from_neighbours_whatever_the_trend(r):
    rng = np.random.default_rng(1)
    found = [noise(curve(np.arange(500.0, 8500.0), rng, sd=0.1, r=r)) for _ in range(20)]
    assert np.mean([sd for sd, _ in found]) == pytest.approx(0.1, rel=0.12)
    assert np.mean([r for _, r in found]) == pytest.approx(r, abs=0.08)


def test_bins_equal_a_slow_sum():
    rng = np.random.default_rng(2)
    x, values = np.sort(rng.uniform(0, 10, 300)), rng.normal(size=300)
    edges = np.linspace(0, 10, 8)
    found = binned(x, values, edges)
    slow = [
        [v for p, v in zip(x, values, strict=True) if lo <= p < hi] for lo, hi in zip(edges, edges[1:], strict=False)
    ]
    assert found.mean == pytest.approx([np.mean(s) for s in slow]) and list(found.n) == [len(s) for s in slow]


def test_bins_are_short_where_the_curve_is_young_and_no_longer_than_they_need_be():
    found = binned(np.arange(1.0, 2001.0), np.zeros(2000))
    assert found.n.sum() == 2000 and found.n[0] == 1 and found.n.max() == 25
    assert (np.diff(found.n[:-1]) >= 0).all()


def test_the_error_of_a_bin_is_that_of_its_mean():
    x, rng, edges = np.arange(10_000.0), np.random.default_rng(3), np.linspace(0, 10_000, 101)
    free, tied = (binned(x, shocks(rng, 10_000, 0.2, r), edges) for r in (0.0, 0.6))
    assert free.error == pytest.approx(0.2 / 100**0.5, rel=0.15)
    for found in (free, tied):
        assert 0.7 < np.std(found.mean / found.error) < 1.35


def test_what_is_not_finite_counts_in_no_bin():
    found = binned(np.arange(6.0), np.array([1, np.nan, 3, np.inf, 5, 6]), np.array([0.0, 3, 4, 6]))
    assert found.mean.tolist() == [2, 5.5] and found.n.tolist() == [2, 2] and found.x.tolist() == [1, 4.5]
    assert len(binned(np.arange(3.0), np.full(3, np.nan))) == 0


def test_few_values_and_a_straight_line_have_no_noise():
    assert noise(np.arange(4.0)) == (0.0, 0.0) == noise(np.arange(100.0))
