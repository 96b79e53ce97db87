"""Cleaning, binning and the covariance of the errors."""

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting.observe import BINS, Observed, find_spikes, white_noise
from tests.dashboard.analysis.forecasting.synthetic import run, wsd


def test_noise_is_measured_through_the_trend():
    _, losses, _ = run(wsd(), noise=4e-3)
    assert white_noise(losses[10:]) == pytest.approx(4e-3, rel=0.25)


def test_spikes_are_left_out_and_named_and_the_rest_is_kept():
    steps, losses, _ = run(wsd())
    spiky = losses.copy()
    spiky[[60, 61, 120]] += 1.0
    observed = Observed.of(steps, spiky, wsd())
    assert observed.spikes.tolist() == [6100, 6200, 12_100]
    assert len(observed.steps) > 50 and observed.loss.max() <= losses[3]


def test_a_step_change_and_a_decay_are_no_spikes():
    steps, losses, _ = run(wsd())
    losses[100:] += 0.2
    assert not find_spikes(losses).any()


def test_a_long_run_is_binned_and_bins_average_the_noise():
    steps, losses, _ = run(wsd(), noise=0.03, every=1)
    observed = Observed.of(steps, losses, wsd())
    assert 30 < len(observed.steps) <= BINS + 1
    assert np.all(observed.white < 0.03**2) and observed.steps[0] > 300


def test_non_finite_points_and_the_warm_up_do_not_enter():
    steps, losses, _ = run(wsd())
    losses[50:60] = np.nan
    observed = Observed.of(steps, losses, wsd())
    assert np.all(np.isfinite(observed.loss)) and observed.steps.min() > 300


def test_misfit_persists_between_neighbours_and_fades():
    observed = Observed.of(*run(wsd())[:2], wsd())
    near, far = observed.covariance(np.array([10_000.0]), np.array([10_500.0, 60_000.0]))[0]
    assert near > 5 * far > 0


def test_a_future_with_another_past_is_refused():
    observed = Observed.of(*run(wsd())[:2], wsd())
    with pytest.raises(ValueError, match="share the learning rate"):
        observed.under(wsd(peak=1e-3))
