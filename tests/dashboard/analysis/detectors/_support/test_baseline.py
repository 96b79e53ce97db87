"""The running median and spread against a slow oracle, and whatever the cuts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.dashboard.analysis.detectors._support.baseline import RunningBaseline, confidence

rng = np.random.default_rng(3)


def oracle(values, width, every, lag, least, floor):
    """One point after another, straight from the docstring."""
    levels, spreads = [], []
    for i in range(len(values)):
        at = i if i < 2 * every else i - i % every
        known = [v for v in values[max(0, at - lag - width) : max(0, at - lag)] if np.isfinite(v)]
        if len(known) < least:
            levels.append(np.nan)
            spreads.append(np.nan)
            continue
        level = np.quantile(known, 0.5)
        middle = np.quantile(np.abs(np.array(known) - level), 0.5) / 0.6745
        tail = (np.quantile(known, 0.9) - level) / 1.2816
        levels.append(level)
        spreads.append(max(min(max(tail, middle), 2 * middle), floor * abs(level)))
    return np.array(levels), np.array(spreads)


@pytest.mark.parametrize("width, every, lag, least", [(128, 32, 0, 10), (16, 4, 3, 2), (7, 5, 0, 1), (9, 1, 2, 4)])
def test_against_a_slow_oracle(width, every, lag, least):
    values = rng.normal(2, 1, 700).cumsum() * 0.01 + rng.exponential(1, 700)
    values[[5, 77, 300]] = np.nan, np.inf, -np.inf
    found = RunningBaseline(width, every, lag, least, floor=0.01).feed(values)
    np.testing.assert_allclose(found, oracle(values, width, every, lag, least, 0.01), rtol=1e-12, equal_nan=True)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 500), max_size=30), st.integers(0, 9))
def test_cuts_do_not_matter(cuts, lag):
    values = np.random.default_rng(1).standard_t(2, 500)
    whole = RunningBaseline(width=40, every=8, lag=lag).feed(values)
    pieces = RunningBaseline(width=40, every=8, lag=lag)
    found = [pieces.feed(part) for part in np.split(values, sorted(cuts))]
    np.testing.assert_array_equal(np.concatenate(found, axis=1), whole)


def test_it_knows_nothing_of_the_present():
    values = rng.normal(size=400)
    other = values.copy()
    other[250:] = 1e9
    np.testing.assert_array_equal(RunningBaseline().feed(values)[0][:251], RunningBaseline().feed(other)[0][:251])


def test_a_spike_does_not_inflate_it():
    values = rng.normal(size=1000)
    spiked = values.copy()
    spiked[600:605] = 1e6
    calm, shaken = RunningBaseline().feed(values)[1], RunningBaseline().feed(spiked)[1]
    assert shaken[700] < 1.5 * calm[700]


def test_the_spread_is_the_sd_of_normal_noise():
    _, spread = RunningBaseline(width=4096, every=512).feed(rng.normal(3, 2, 20_000))
    assert np.median(spread[5000:]) == pytest.approx(2, rel=0.05)


def test_noise_with_two_modes_is_wider_than_its_main_one():
    values = np.where(rng.random(4000) < 0.25, 3.5, 1.5) + rng.normal(0, 0.1, 4000)
    _, spread = RunningBaseline(floor=0).feed(values)
    assert np.median(spread[200:]) > 0.17


def test_confidence_grows_with_the_score():
    assert confidence(6, 6) == 0.5 and confidence(60, 6) == 0.95 and confidence(1, 6) == 0.5
