"""Noise of levels, differences and minima against simulation."""

import numpy as np
import pytest

from barograph.dashboard.analysis.measures import discover
from barograph.dashboard.analysis.measures._support.noise import (
    denoised,
    difference_error,
    level_error,
    of_extreme,
    successive_error,
)
from barograph.dashboard.analysis.measures._support.tasks import Evaluations

N = 1000


def record(values, n=N, **more):
    return Evaluations.of(np.arange(len(values)), ["a"] * len(values), values, n=n, **more)


def least(drawn):
    return drawn.min(-1)


def test_levels_are_binomial():
    assert level_error(record([0.5, 0.9, 1.0]).curve("a")) == pytest.approx([0.5 / N**0.5, 0.3 / N**0.5, 0])
    assert np.isnan(level_error(record([0.5], n=None).curve("a"))).all()


@pytest.mark.parametrize("seed", range(5))
def test_the_minimum_of_a_thousand_evaluations_is_biased_by_five_points(seed):
    """sd 1.58 points at 50 % of 1,000 examples: simulated truth, and what is estimated from one curve."""
    truth = np.random.default_rng(99).binomial(N, 0.5, (500, 1000)).min(1).mean() / N - 0.5
    assert truth == pytest.approx(-0.0512, abs=0.001)
    one = record(np.random.default_rng(seed).binomial(N, 0.5, 1000) / N)
    bias, error = of_extreme(one, one.curve("a"), least)
    assert bias == pytest.approx(truth, abs=0.005)
    assert 0.003 < error < 0.009


def test_at_a_real_dip_the_bias_is_that_of_its_few_evaluations():
    level = np.full(1000, 0.8)
    level[300:310] = 0.1
    level[310:400] = np.linspace(0.1, 0.8, 90)
    random = np.random.default_rng(0)
    draws = random.binomial(N, level, (200, 1000)) / N
    truth = draws.min(1).mean() - 0.1
    found = [of_extreme(one, one.curve("a"), least)[0] for one in map(record, draws[:20])]
    assert np.mean(found) == pytest.approx(truth, abs=0.005)


def test_the_bias_of_windows_is_what_noise_makes_of_a_flat_curve():
    random = np.random.default_rng(1)
    measures = discover()
    for name in ("wf10", "wf100", "wp10"):
        found = [measures[name](record(random.binomial(N, 0.7, 300) / N)) for _ in range(8)]
        assert np.mean([one.value - one.bias for one in found]) == pytest.approx(0, abs=0.008)
        assert np.mean([one.bias for one in found]) > 0.03


def test_noise_shrinks_where_the_examples_are_the_same_every_time():
    """Answers that flip rarely: successive differences are smaller than binomial, and with them error and bias."""
    random = np.random.default_rng(2)
    values = 0.6 + 0.002 * random.standard_normal(400)
    free, fixed = record(values), record(values, fixed=True)
    assert successive_error(values) == pytest.approx(0.002, rel=0.25)
    curve = free.curve("a")
    first, last = curve.between(-1, 0), curve.between(398, 399)
    assert difference_error(free, "a", first, last) == pytest.approx(2**0.5 * (0.24 / N) ** 0.5, rel=0.02)
    assert difference_error(fixed, "a", first, last) == pytest.approx(2**0.5 * 0.002, rel=0.25)
    assert of_extreme(fixed, curve, least)[0] == pytest.approx(-0.006, abs=0.002)
    assert of_extreme(free, curve, least)[0] < -0.03


def test_without_counts_only_a_fixed_set_says_anything():
    values = 0.6 + 0.002 * np.random.default_rng(2).standard_normal(400)
    free, fixed = record(values, n=None), record(values, n=None, fixed=True)
    assert np.isnan(of_extreme(free, free.curve("a"), least)).all()
    assert of_extreme(fixed, fixed.curve("a"), least)[0] < 0


def test_denoising_keeps_jumps_and_drops_noise():
    random = np.random.default_rng(3)
    level = np.r_[np.full(100, 0.9), np.full(5, 0.1), np.full(151, 0.8)]
    found = denoised(random.binomial(N, level) / N, np.full(256, float(N)))
    assert np.abs(found - level).max() < 0.05
    assert np.abs(found[200:] - 0.8).max() < 0.01
    np.testing.assert_array_equal(denoised(np.array([0.3]), None), [0.3])
    flat = np.full(37, 0.25)
    np.testing.assert_allclose(denoised(flat, np.full(37, 10.0)), flat)


def test_seeded():
    one = record(np.random.default_rng(4).random(50))
    assert of_extreme(one, one.curve("a"), least) == of_extreme(one, one.curve("a"), least)
