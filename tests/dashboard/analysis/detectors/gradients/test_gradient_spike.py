"""Jumps of the gradient norm."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.dashboard.analysis.detectors import discover
from barograph.dashboard.analysis.detectors.severity import Severity
from tests.dashboard.analysis.detectors.replay import replay


def norms(n: int = 2000, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).lognormal(0, 0.25, n)


def spikes(values, name: str = "grad_norm", **others) -> list:
    steps = np.arange(len(values))
    return replay("gradient_spike", {name: (steps, values)} | {k: (steps, v) for k, v in others.items()})


@pytest.mark.parametrize("scale", [1e-4, 1.0, 1e5])
@pytest.mark.parametrize("name", ["grad_norm", "grad_norm_applied"])
def test_a_jump_is_found_where_it_is(scale, name):
    values = norms()
    values[900] = 40
    (one,) = spikes(scale * values, name)
    assert (one.first, one.last, one.flagged, one.open) == (900, 900, 900, False)
    assert one.severity is Severity.WATCH and one.evidence["norm"] == pytest.approx(40 * scale)
    assert one.evidence["usual"] == pytest.approx(scale, rel=0.1)


def test_it_looks_at_a_cause():
    assert discover()["gradient_spike"].mechanism


def test_the_norm_before_clipping_counts_where_both_are_known():
    values = norms()
    values[900] = 40
    (one,) = spikes(np.minimum(values, 1.0), "grad_norm_applied", grad_norm=values)
    assert one.first == 900
    assert spikes(norms(), "grad_norm", grad_norm_applied=values) == []


def test_what_is_not_finite_is_left_to_another():
    values = norms()
    values[[500, 900]] = np.inf, np.nan
    assert spikes(values) == []


@pytest.mark.parametrize("sd", [0.05, 0.3, 0.6])
def test_heavy_noise_and_slow_growth_are_silent(sd):
    for seed in range(5):
        values = np.random.default_rng(seed).lognormal(0, sd, 5000) * np.exp(np.arange(5000) / 1500)
        assert spikes(values) == []


def test_a_small_jump_in_a_calm_norm_is_no_spike():
    values = norms()
    values = 1 + 0.01 * values
    values[900] = 2.5  # far beyond the noise, but not 3 times the usual
    assert spikes(values) == []
    values[900] = 25
    assert len(spikes(values)) == 1


def test_one_odd_batch_is_no_spike_and_three_are():
    values = norms()
    values[900] = 8
    assert spikes(values) == []
    values[[930, 960]] = 8
    (one,) = spikes(values)
    assert (one.first, one.flagged, one.last, one.evidence["spikes"]) == (900, 960, 960, 3)


def test_the_first_steps_may_be_restless():
    values = norms()
    values[[30, 40, 50]] = 30
    assert spikes(values) == []
    values[40] = 300
    assert [one.first for one in spikes(values)] == [40]


def test_a_huge_jump_in_a_restless_norm_is_a_spike():
    values = np.random.default_rng(0).lognormal(0, 0.9, 2000)
    values[900] = 60
    (one,) = spikes(values)
    assert one.first == 900 and one.evidence["score"] < 6
