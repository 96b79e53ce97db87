"""Where a loss curve ends, with its error."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.dashboard.analysis.statistics.ending import ending
from tests.dashboard.analysis.statistics.synthetic import STEPS, run, shocks

EPOCHS = np.arange(1, 61)
SMOOTH = {
    "a power": 2 + 5 * EPOCHS**-0.5,
    "an exponential": 0.1 + 2.3 * np.exp(-EPOCHS / 15),
    "a hyperbola": 1 + 9 / EPOCHS,
    "a cosine": 0.3 + 1 + np.cos(np.pi * EPOCHS / 60),
    "a decay that began late": 3 - 0.02 * EPOCHS - 0.05 * np.maximum(EPOCHS - 50, 0),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_sixty_epochs_without_noise_end_where_they_end(name):
    found = ending(EPOCHS, SMOOTH[name])
    assert found.value == pytest.approx(SMOOTH[name][-1], abs=0.002) and found.error < 0.01


@pytest.mark.parametrize("sd", [0.001, 0.02, 0.3])
@pytest.mark.parametrize("points", [5, 8, 12, 20, 40, 100, 2000])
def test_the_error_of_an_end_is_right_at_any_number_of_points(points, sd):
    steps = 10 * np.arange(1, points + 1)
    truth, away = 2 + 4 * (steps / 10) ** -0.5, []
    for seed in range(100):
        found = ending(steps, truth + np.random.default_rng(seed).normal(0, sd, points))
        away.append(abs(found.value - truth[-1]) / found.error)
    assert np.mean(np.array(away) < 1.645) >= 0.79


def test_the_error_knows_that_neighbours_are_alike():
    truth = 2 + 4 * STEPS[-1] ** -0.5
    away = [(found.value - truth) / found.error for found in (ending(*run(seed)) for seed in range(200))]
    assert 0.85 < np.std(away) < 1.2 and abs(np.mean(away)) < 0.2
    plain, alike = (
        np.mean([ending(STEPS, 2 + shocks(np.random.default_rng(seed), 3000, 0.1, r)).error for seed in range(20)])
        for r in (0.0, 0.6)
    )
    assert alike / plain == pytest.approx(2.0, rel=0.25)  # sqrt((1 + .6) / (1 - .6))


def test_four_points_end_at_the_last_of_which_nothing_more_is_known():
    found = ending(np.array([10, 20, 30, 40]), np.array([8.3, 1.9, 0.7, 0.43]))
    assert (found.value, found.first, found.n) == (0.43, 40, 1) and not found.known
    assert ending(np.array([5]), np.array([3.0])).value == 3.0
    with pytest.raises(ValueError, match="no finite value"):
        ending(STEPS, np.full(3000, np.nan))


def test_a_step_down_ends_below_it_and_what_is_not_finite_is_left_out():
    values = np.r_[np.full(80, 9.0), np.full(20, 2.0)]
    assert ending(np.arange(100), values).value == pytest.approx(2.0)
    values[95:] = np.nan
    found = ending(np.arange(100), values)
    assert found.value == pytest.approx(2.0) and found.first + found.n <= 95


def test_a_spike_in_the_last_batch_is_not_where_the_run_ended():
    steps, losses = run(3)
    losses[-1] += 4.0
    found = ending(steps, losses)
    assert abs(found.value - (2 + 4 * steps[-1] ** -0.5)) < 2.5 * found.error < 0.25
