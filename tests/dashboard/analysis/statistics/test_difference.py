"""Differences of ends: false alarms between equal runs, coverage, and what may be concluded without seeds."""

from __future__ import annotations

import numpy as np

from barograph.dashboard.analysis.statistics.difference import SAME, UNKNOWN, Seeds, difference, seed_noise
from tests.dashboard.analysis.statistics.synthetic import STEPS, run


def test_equal_runs_differ_by_noise_alone():
    verdicts = [difference(run(2 * k), run(2 * k + 1), None).verdict for k in range(100)]
    assert verdicts.count(SAME) >= 82
    assert difference(run(0), run(0), None).verdict == SAME  # the very same run


def test_a_shared_data_order_makes_small_differences_visible():
    shared = np.random.default_rng(9).normal(0, 0.5, len(STEPS))
    a, b = run(0, 2.0, 0.01, shared=shared), run(1, 2.03, 0.01, shared=shared)
    assert difference(a, b, None).verdict == SAME  # another data order might turn it round
    assert difference(a, b, Seeds(0.001, 5)).verdict == "lower"
    assert difference(b, a, Seeds(0.001, 5)).verdict == "higher"
    assert difference(a, b, Seeds(0.1, 5)).verdict == SAME


def test_with_seeds_known_the_interval_holds_the_truth():
    held, sd = 0, 0.05
    for k in range(200):
        rng = np.random.default_rng(k)
        known = seed_noise([rng.normal(0, sd, 3) for _ in range(3)])
        a, b = (run(1000 + 2 * k + i, 2.0 + rng.normal(0, sd) + 0.1 * i, 0.02) for i in range(2))
        found = difference(a, b, known)
        held += found.value.holds(-0.1)
    assert 0.84 <= held / 200 <= 0.97


def test_one_finite_end_a_seed_tells_no_noise():
    assert seed_noise([[1.0, float("nan")], [2.0]]) is None


def test_a_falling_curve_is_trend_and_no_noise():
    slow, fast = (run(seed, level, 0.01) for seed, level in ((0, 2.0), (1, 1.9)))
    found = difference(fast, slow, None)
    assert found.verdict == "lower" and found.value.width < 0.02


def test_of_four_points_nothing_is_concluded():
    few = np.arange(1, 5), np.array([8.3, 1.9, 0.7, 0.43])
    for pair in ((few, run(0)), (run(0), few), (few, few)):
        found = difference(*pair, Seeds(0.01, 3))
        assert found.verdict == UNKNOWN and np.isinf(found.value.width)
