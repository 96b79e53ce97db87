"""Two-phase forgetting against synthetic truth: both phases, one, none."""

import re

import numpy as np
import pytest

from barograph.dashboard.analysis.measures import discover
from barograph.dashboard.analysis.measures._support.tasks import Evaluations
from barograph.dashboard.analysis.measures.two_phase import two_phase

X = np.unique(np.r_[0, np.geomspace(1, 100_000, 30).round()])


@pytest.mark.parametrize("seed", range(5))
def test_a_steep_and_a_slow_phase_are_told_apart(seed):
    noise = 0.005 * np.random.default_rng(seed).standard_normal(len(X))
    fit = two_phase(X, 0.2 + 0.5 * np.exp(-X / 5) + 0.3 * np.exp(-X / 8000) + noise)
    assert fit.phases == 2 and fit.explained > 0.99
    assert fit.steep_steps == pytest.approx(5, rel=0.25) and fit.slow_steps == pytest.approx(8000, rel=0.3)
    assert (fit.floor, fit.steep, fit.slow) == pytest.approx((0.2, 0.5, 0.3), abs=0.03)


def test_without_noise_the_truth_is_found():
    fit = two_phase(X, 0.2 + 0.5 * np.exp(-X / 5) + 0.3 * np.exp(-X / 8000))
    assert (fit.steep_steps, fit.slow_steps) == pytest.approx((5, 8000), rel=0.02)


@pytest.mark.parametrize("seed", range(5))
def test_one_phase_and_none(seed):
    noise = 0.005 * np.random.default_rng(seed).standard_normal(len(X))
    one = two_phase(X, 0.2 + 0.5 * np.exp(-X / 50) + noise)
    assert one.phases == 1 and one.steep_steps == pytest.approx(50, rel=0.2) and one.slow == 0
    assert two_phase(X, 0.5 + noise).phases == 0
    assert two_phase(X, np.linspace(0.2, 0.8, len(X)) + noise).phases == 0  # a rise is no forgetting


def test_even_spacing_misses_the_steep_phase():
    even = np.arange(0, 100_001, 5000.0)[1:]
    assert two_phase(even, 0.2 + 0.5 * np.exp(-even / 5) + 0.3 * np.exp(-even / 8000)).phases == 1


def test_as_a_measure():
    """Learned by step 100; then half of .8 is lost within a few steps and half slowly."""
    after = np.arange(0, 1001)
    value = 0.1 + 0.4 * np.exp(-after / 4) + 0.4 * np.exp(-after / 400)
    record = Evaluations.of(100 + after, ["a"] * 1001, value, visits=[("a", 0, 100), ("b", 100, 1100)])
    found = discover()["two_phase_forgetting"](record)
    assert found.value == pytest.approx(0.5, abs=0.02)
    assert found.rows[0].task == "a" and found.rows[0].steep_steps == pytest.approx(4, rel=0.1)


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        ([0, 1, 2], [1, 1, 1], "3 steps and 3 values: expected at least 8"),
        (np.arange(9), np.ones(8), "9 steps and 8 values"),
        (-np.arange(9), np.ones(9), "expected increasing steps"),
        (np.arange(9), np.full(9, np.nan), "finite values"),
    ],
)
def test_what_cannot_be_fitted_is_refused(x, y, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        two_phase(x, y)
