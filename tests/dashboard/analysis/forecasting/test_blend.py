"""What is said of runs that no law was made for: through the present, never below zero, wide where it must be."""

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting import Schedule, Setup, Verdict, forecast
from barograph.dashboard.analysis.forecasting.blend import LogEnd, joined
from barograph.dashboard.analysis.forecasting.shapes import Gain
from tests.dashboard.analysis.forecasting.synthetic import cosine, run

TOY = Setup("toy", "toy", 1e-2, 1e3, "sgd", "train")


def toy(final, total=400, noise=0.1, seed=0, start=2.0):
    """A toy problem's noisy training loss of each step, falling from `start` to `final`."""
    steps = np.arange(1, total + 1)
    clean = final + (start - final) * np.exp(-steps / (total / 6))
    drawn = np.random.default_rng(seed).gamma(1 / noise**2, noise**2, total)
    return steps, clean * drawn, Schedule([0, total // 20, total], [0, 1e-2, 0]), clean


@pytest.mark.parametrize("final", [1.9, 0.4, 0.02])
def test_a_toy_problem_is_held_by_its_interval_and_stays_above_zero(final):
    held = []
    for seed in range(8):
        steps, losses, schedule, clean = toy(final, seed=seed)
        one = forecast(steps, losses, schedule, setup=TOY, at=200)
        assert 0 < one.low90 < one.mid < one.high90 < losses[:200].max()
        held.append(one.low90 <= clean[-1] <= one.high90)
    assert np.mean(held) >= 0.8


def test_the_fan_of_an_unknown_kind_goes_through_the_losses_and_ends_at_the_forecast():
    steps, losses, schedule, clean = toy(0.4, noise=0.05)
    one = forecast(steps, losses, schedule, setup=TOY, at=200)
    fan = one.curve([100, 200, 300, 400])
    assert fan.mid[:2] == pytest.approx(clean[[99, 199]], rel=0.06)
    assert fan.mid[-1] == pytest.approx(one.mid) and np.all(np.diff(fan.high90 / fan.low90)[1:] > 0)


def test_an_ended_run_is_foretold_as_what_it_has_reached():
    steps, losses, schedule, clean = toy(0.4)
    one = forecast(steps, losses, schedule, setup=TOY)
    assert one.verdict is Verdict.FINISHED and one.mid == pytest.approx(losses[-40:].mean())
    assert one.low90 < clean[-1] < one.high90 < 1.1 * one.mid


def test_what_is_not_a_loss_is_refused_in_a_sentence():
    steps = np.arange(1, 301)
    reward = np.random.default_rng(0).standard_normal(300)
    one = forecast(steps, reward, cosine(400), setup=TOY)
    assert one.verdict is Verdict.NO_LOSS and one.mid is None and "zero" in one.verdict.value


def test_a_rise_of_the_learning_rate_after_a_decay_widens_the_interval():
    rewarmed = Schedule([0, 300, 6_000, 8_000, 8_300, 16_000, 20_000], [0, 5e-4, 5e-4, 1e-5, 5e-4, 5e-4, 0], 300)
    steps, losses, _ = run(rewarmed)
    one, plain = (
        forecast(steps, losses, plan, setup=Setup("small", "mine", 5e-4, 1.2e8), at=12_000)
        for plan in (rewarmed, Schedule([0, 300, 16_000, 20_000], [0, 5e-4, 5e-4, 0], 300))
    )
    assert "rose again" in one.evidence and "rose again" not in plain.evidence


def test_the_narrower_of_laws_and_finished_runs_has_the_say():
    laws, gain = LogEnd(0.0, 0.3, 0.1), Gain(-0.1, 0.01, 1.6, 5, 1.0)
    end, share = joined(laws, 0.05, gain)
    assert share > 0.99 and end.log == pytest.approx(-0.05, abs=1e-3) and end.up < 0.03
    assert joined(laws, 0.05, None) == (laws, 0.0)
    assert LogEnd(0.0, 0.4, 0.0).too_wide and LogEnd(0.0, 0.0, 0.3).too_wide and not LogEnd(0.0, 0.3, 0.2).too_wide
