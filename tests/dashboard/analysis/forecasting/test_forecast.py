"""Forecasts against known truth: right, wide enough, honest about what they cannot know, and calm under bad data."""

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting import Schedule, Setup, Verdict, forecast, shipped
from tests.dashboard.analysis.forecasting.synthetic import SETUP, TRUE, cosine, finished, run, wsd

LIBRARY = shipped()


def seen(schedule, fraction=0.5, **kwargs):
    steps, losses, final = run(schedule, **kwargs)
    keep = steps <= fraction * schedule.total
    return steps[keep], losses[keep], final


def made(schedule, fraction=0.5, library=LIBRARY, setup=SETUP, **kwargs):
    steps, losses, final = seen(schedule, fraction, **kwargs)
    return forecast(steps, losses, schedule, setup=setup, library=library), final


@pytest.mark.parametrize("schedule", [wsd(), cosine()], ids=["wsd", "cosine"])
def test_the_interval_narrows_and_closes_on_the_truth(schedule):
    widths = []
    for fraction in (0.3, 0.6, 0.95):
        one, final = made(schedule, fraction)
        assert one.low90 < final < one.high90 and one.low90 < one.low50 < one.mid < one.high50 < one.high90
        widths.append(one.high90 - one.low90)
    assert widths[0] > widths[1] > widths[2]
    assert one.mid == pytest.approx(final, rel=2e-3)


def test_coverage_over_runs_drawn_from_the_population():
    rng, inside90, inside50, count = np.random.default_rng(1), 0, 0, 60
    spread = np.array([0.1, 0.12, 0.04, 0.12, 0.25, 0.05, 0.08])
    for seed in range(count):
        true = TRUE + spread * rng.standard_normal(len(TRUE))
        one, final = made((wsd(), cosine())[seed % 2], 0.4, seed=seed, true=true)
        inside90 += one.low90 <= final <= one.high90
        inside50 += one.low50 <= final <= one.high50
    assert inside90 / count >= 0.85
    assert inside50 / count >= 0.4


def test_bands_grow_with_the_noise():
    quiet, loud = (made(cosine(), noise=noise)[0] for noise in (5e-4, 3e-2))
    assert loud.high90 - loud.low90 > 1.3 * (quiet.high90 - quiet.low90)


def test_before_the_lr_moves_the_decay_is_borrowed_and_said_so():
    one, _ = made(wsd(), 0.5)
    assert one.verdict is Verdict.BORROWED and "public runs" in one.evidence and "this run" not in one.evidence
    later, _ = made(wsd(), 0.97)
    assert later.verdict is Verdict.GOOD and "this run" in later.evidence
    assert one.high90 - one.low90 > 3 * (later.high90 - later.low90)


def test_runs_of_the_same_setup_narrow_it():
    library = LIBRARY.plus([finished(wsd(), seed=5), finished(cosine(10_000), seed=6)])
    alone, final = made(wsd(30_000), 0.3)
    helped, _ = made(wsd(30_000), 0.3, library=library)
    assert "2 earlier runs of this setup" in helped.evidence
    assert helped.high90 - helped.low90 < 0.5 * (alone.high90 - alone.low90)
    assert abs(helped.mid - final) < 0.01 and helped.low90 < final < helped.high90


def test_finished_runs_may_be_given_without_making_a_library():
    steps, losses, _ = seen(wsd(), 0.5)
    direct = forecast(steps, losses, wsd(), setup=SETUP, library=[finished(cosine())])
    assert direct.mid == forecast(steps, losses, wsd(), setup=SETUP, library=LIBRARY.plus([finished(cosine())])).mid


@pytest.mark.parametrize(
    "setup", [Setup("mini", "demo", 1e-2, 1e5), Setup("sgd", "mine", 5e-4, 1e8, optimizer="sgd")], ids=["tiny", "sgd"]
)
def test_unlike_runs_are_wide_and_say_so(setup):
    one, _ = made(wsd(), setup=setup)
    like, _ = made(wsd())
    assert one.verdict is Verdict.UNLIKE
    assert one.high90 - one.low90 > 1.5 * (like.high90 - like.low90)


def test_repeated_data_are_told_and_widen_the_interval():
    schedule, (steps, losses, _) = wsd(), seen(wsd(), 0.6)
    once, again = (forecast(steps, losses, schedule, setup=SETUP, repeats=said) for said in (False, True))
    assert again.verdict is Verdict.UNLIKE and "repeats its data" in again.evidence
    assert once.verdict is not Verdict.UNLIKE
    assert again.high90 - again.low90 > 1.5 * (once.high90 - once.low90)


def test_refusals_carry_a_sentence_and_no_number():
    schedule, (steps, losses, _) = wsd(), seen(wsd(), 0.6)
    nan_tail, blown = losses.copy(), losses.copy()
    nan_tail[-3:] = np.nan
    blown[-12:] += np.linspace(0.5, 5, 12)
    rewarmed = Schedule([0, 300, 11_000, 12_500, 20_000], [0, 5e-4, 2e-4, 5e-4, 0], 300)
    cases = [
        (forecast(steps, losses, None, setup=SETUP), Verdict.NO_LR),
        (forecast(steps, nan_tail, schedule, setup=SETUP), Verdict.DIVERGED),
        (forecast(steps, blown, schedule, setup=SETUP), Verdict.DIVERGED),
        (forecast(steps[:6], losses[:6], schedule, setup=SETUP), Verdict.TOO_FEW),
        (forecast([], [], schedule, setup=SETUP), Verdict.TOO_FEW),
        (forecast(steps, losses, rewarmed, setup=SETUP), Verdict.REWARM),
    ]
    for one, verdict in cases:
        assert one.verdict is verdict and verdict.refused and one.mid is None and one.low90 is None
        with pytest.raises(ValueError, match="no curve"):
            one.curve([10_000])


def test_a_jump_to_another_level_restarts_the_evidence():
    schedule, (steps, losses, final) = wsd(), seen(wsd(), 0.75)
    shifted = np.where(steps > 9_000, losses + 0.25, losses)
    one = forecast(steps, shifted, schedule, setup=SETUP)
    assert not one.verdict.refused and one.low90 < final + 0.25 < one.high90
    early = forecast(steps[steps <= 9_700], shifted[steps <= 9_700], schedule, setup=SETUP)
    assert early.verdict is Verdict.SHIFTED


def test_spikes_do_not_move_it_and_are_reported():
    schedule, (steps, losses, _) = cosine(), seen(cosine(), 0.6)
    spiky = losses.copy()
    spiky[[40, 41, 80]] += 1.0
    clean, with_spikes = (forecast(steps, data, schedule, setup=SETUP) for data in (losses, spiky))
    assert with_spikes.spikes == (4100, 4200, 8100)
    assert with_spikes.mid == pytest.approx(clean.mid, abs=2e-3)


def test_a_rising_curve_does_not_fool_it():
    schedule = wsd()
    steps = np.arange(100, 10_001, 100)
    one = forecast(steps, 3 - 0.5 * (steps / 10_000.0) ** -0.3 + 2, schedule, setup=SETUP)
    assert one.verdict.refused or one.high90 - one.low90 > 0.2


def test_the_later_attempt_of_a_rollback_is_the_one_that_counts():
    schedule, (steps, losses, _) = cosine(), seen(cosine(), 0.6)
    cut = steps <= 7_000
    wrong = losses[cut] + np.where(steps[cut] > 5_000, 0.5, 0)
    again = forecast(
        np.concatenate([steps[cut], steps[steps > 5_000]]),
        np.concatenate([wrong, losses[steps > 5_000]]),
        schedule,
        setup=SETUP,
    )
    assert again.mid == forecast(steps, losses, schedule, setup=SETUP).mid


def test_results_are_deterministic():
    assert made(cosine())[0].mid == made(cosine())[0].mid


def test_the_fan_passes_through_the_data_and_ends_at_the_forecast():
    steps, losses, _ = seen(cosine(), 0.6)
    one = forecast(steps, losses, cosine(), setup=SETUP)
    band = one.curve([6_000, 12_000, 20_000])
    assert band.mid[-1] == pytest.approx(one.mid) and band.mid[0] == pytest.approx(losses[59], rel=5e-3)
    widths = band.high90 - band.low90
    assert widths[0] < widths[2] and widths[1] < widths[2]


def test_a_loss_in_other_units_is_forecast_in_its_own():
    steps, losses, final = seen(cosine(), 0.7)
    nats, tiny = (forecast(steps, losses * scale, cosine(), setup=SETUP) for scale in (1.0, 1e-3))
    assert tiny.verdict is Verdict.UNLIKE and tiny.low90 < final * 1e-3 < tiny.high90
    assert tiny.mid == pytest.approx(nats.mid * 1e-3, rel=0.01)
    assert tiny.high90 - tiny.low90 > 1e-3 * (nats.high90 - nats.low90)
