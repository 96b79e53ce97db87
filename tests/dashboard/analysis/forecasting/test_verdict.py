"""What can be told of a run's future: divergence, a rate that rises again, a loss that moves to another level."""

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting import Schedule
from barograph.dashboard.analysis.forecasting.verdict import Verdict, diverged, last_shift, rewarming
from tests.dashboard.analysis.forecasting.synthetic import cosine, run, wsd


def test_a_verdict_is_a_sentence_and_refusals_are_known():
    assert all(one.value.endswith(".") and one.value[0].isupper() for one in Verdict)
    assert not any(one.refused for one in (Verdict.GOOD, Verdict.FINISHED, Verdict.BORROWED, Verdict.UNLIKE))
    assert all(one.refused for one in Verdict if one.value.endswith("no forecast."))
    assert Verdict.TOO_FEW.refused and Verdict.NO_LR.refused and Verdict.REWARM.refused and Verdict.SHIFTED.refused


@pytest.mark.parametrize("noise", [1e-3, 3e-2])
@pytest.mark.parametrize("seed", range(5))
def test_a_healthy_run_has_not_diverged(noise, seed):
    assert not diverged(run(cosine(), noise=noise, seed=seed)[1])


def test_a_run_that_ends_in_nan_or_far_above_its_best_has_diverged():
    losses = run(wsd())[1]
    nan, blown, spike = losses.copy(), losses.copy(), losses.copy()
    nan[-1], blown[-12:], spike[-30] = np.nan, blown[-12:] + 1.0, 9.0
    assert diverged(nan) and diverged(blown)
    assert not diverged(spike) and not diverged(np.array([]))


def test_a_gap_in_the_middle_is_no_divergence():
    losses = run(wsd())[1]
    losses[50:60] = np.nan
    assert not diverged(losses)


@pytest.mark.parametrize(
    ("step", "rises"), [(200, False), (4_000, False), (11_500, True), (12_499, True), (15_000, False)]
)
def test_a_rate_rises_again_only_behind_the_warm_up(step, rises):
    again = Schedule([0, 300, 11_000, 12_500, 20_000], [0, 5e-4, 2e-4, 5e-4, 0], 300)
    assert rewarming(again, step) is rises


@pytest.mark.parametrize("by", [0.25, -0.25])
def test_the_step_before_another_level_is_found(by):
    steps, losses, _ = run(wsd())
    assert last_shift(steps, np.where(steps > 9_000, losses + by, losses), wsd()) == 9_000


def test_a_spike_a_decay_and_a_jump_of_the_rate_are_no_shift():
    steps, losses, _ = run(wsd())
    assert last_shift(steps, losses, wsd()) is None
    losses[[80, 81]] += 1.0
    assert last_shift(steps, losses, wsd()) is None
    jump = Schedule([0, 300, 9_000, 9_001, 20_000], [0, 5e-4, 5e-4, 5e-5, 5e-5])
    assert last_shift(steps, np.where(steps > 9_000, run(wsd())[1] - 0.25, run(wsd())[1]), jump) is None


def test_of_two_shifts_the_last_counts_and_few_points_show_none():
    steps, losses, _ = run(wsd())
    twice = losses + 0.3 * (steps > 5_000) + 0.3 * (steps > 12_000)
    assert last_shift(steps, twice, wsd()) == 12_000
    assert last_shift(steps[:20], twice[:20], wsd()) is None
