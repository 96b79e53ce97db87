"""Ends and their differences: coverage, false alarms between equal runs, and what may be said without seeds."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.dashboard.analysis.statistics.configs import but_for_seed, differing
from barograph.dashboard.analysis.statistics.difference import SAME, Seeds, difference, seed_noise
from barograph.dashboard.analysis.statistics.ending import ending

STEPS = np.arange(1, 3001)


def run(seed, level=2.0, sd=0.1, r=0.3, shared=None):
    rng = np.random.default_rng(seed)
    shocks = rng.normal(0, sd, len(STEPS))
    for i in range(1, len(shocks)):
        shocks[i] = r * shocks[i - 1] + np.sqrt(1 - r * r) * shocks[i]
    return STEPS, level + 4 * STEPS**-0.5 + shocks + (0 if shared is None else shared)


def expected(level=2.0):
    return level + 4 * np.mean(STEPS[-30:] ** -0.5)


def test_the_error_of_an_end_is_right():
    found = [ending(*run(seed)) for seed in range(200)]
    away = [(f.value - expected()) / f.error for f in found]
    assert 0.85 < np.std(away) < 1.2 and found[0].n == 30 and found[0].first == 2971


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


def test_ends_without_a_finite_value_are_refused():
    with pytest.raises(ValueError, match="no finite value"):
        ending(STEPS, np.full(3000, np.nan))
    assert ending(np.array([5]), np.array([3.0])).value == 3.0


def test_seeds_are_told_apart_from_all_else():
    a, b = {"lr": 1, "seed": 1, "model": {"width": 8}}, {"lr": 1, "seed": 2, "model": {"width": 8}}
    assert but_for_seed(a) == but_for_seed(b) != but_for_seed({**a, "lr": 2})
    assert differing([a, b]) == {"seed": [1, 2]}
    assert differing([{"a": float("nan")}, {"a": float("nan")}]) == {}
    assert seed_noise([[1.0, float("nan")], [2.0]]) is None


def test_few_points_on_a_bend_are_not_taken_for_noise():
    steps = np.arange(100, 1600, 100)
    smooth = 2 + 30 * steps**-0.8
    rng = np.random.default_rng(0)
    found = [ending(steps, smooth + rng.normal(0, 0.002, 15), last=3).error for _ in range(100)]
    assert 0.5 * 0.002 / 3**0.5 < np.median(found) < 3 * 0.002 / 3**0.5
