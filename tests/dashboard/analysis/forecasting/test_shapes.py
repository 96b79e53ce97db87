"""How finished runs of a project say how another goes on, on courses that no law describes."""

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting import Finished, Schedule, Setup, Verdict, forecast, shipped
from barograph.dashboard.analysis.forecasting.shapes import Course, expected_gain

TOTAL = 5_000


def course(
    drop=0.4, seed=0, noise=0.005, level=1.0, name="a", peak=1e-3, at=TOTAL, project="images", kind="validation"
):
    """A loss that falls by a share `drop` of its level in the decay of the LR, most of it late: no law does that."""
    schedule = Schedule([0, 200, TOTAL], [0, peak, 0])
    steps = np.arange(50, TOTAL + 1, 50)
    clean = level * (1 + np.exp(-steps / 400)) * (1 - drop * (steps / TOTAL) ** 4)
    losses = clean * np.exp(noise * np.random.default_rng(seed).standard_normal(len(steps)))
    setup = Setup(name, project, peak, 2.5e7, "nadamw", kind)
    keep = steps <= at
    return Finished(steps[keep], losses[keep], schedule, setup), float(clean[-1])


def read(run):
    return Course.of(run.steps, run.losses, run.schedule, run.setup)


def test_the_median_of_like_runs_is_found_and_its_error_known():
    others = [read(course(drop=0.4 + 0.02 * k, seed=k + 9, name=str(k))[0]) for k in range(-3, 4)]
    run, truth = course(at=2_500)
    gain = expected_gain(read(run), others, 2_500, TOTAL)
    now = read(run).level(2_500, read(run).window(2_500))
    assert gain.runs == 7 and abs(now + gain.mean - np.log(truth)) < gain.quantile * gain.sd < 0.3


def test_a_run_of_the_same_setup_counts_more_than_all_others():
    others = [read(course(drop=0.3, seed=k, name=f"other{k}", peak=(2 + k) * 1e-3)[0]) for k in range(6)]
    run, truth = course(at=2_500)
    sibling = read(course(seed=9)[0])
    now = read(run).level(2_500, 0.03)
    alone, helped = (expected_gain(read(run), runs, 2_500, TOTAL) for runs in (others, [*others, sibling]))
    assert abs(now + helped.mean - np.log(truth)) < 0.4 * abs(now + alone.mean - np.log(truth))


def test_without_a_run_that_reached_so_far_nothing_is_said():
    run, _ = course(at=2_500)
    assert expected_gain(read(run), [], 2_500, TOTAL) is None
    assert expected_gain(read(run), [read(course(at=100)[0])], 2_500, TOTAL) is None


def test_noise_asks_for_a_longer_mean_and_spikes_are_left_out():
    quiet, loud = (read(course(noise=noise)[0]) for noise in (0.002, 0.2))
    assert quiet.window(4_000) < loud.window(4_000)
    spiked, _ = course(noise=0.002)
    spiked.losses[60] *= 5
    assert read(spiked).level(3_100, 0.03) == pytest.approx(quiet.level(3_100, 0.03), abs=0.02)


def test_finished_runs_of_the_project_outdo_the_laws_where_these_fail():
    library = shipped().plus([course(seed=k, name=str(k))[0] for k in range(1, 5)])
    run, truth = course(at=2_500)
    alone, helped = (
        forecast(run.steps, run.losses, run.schedule, setup=run.setup, library=one) for one in (shipped(), library)
    )
    assert alone.verdict is Verdict.WIDE and alone.low90 < truth < alone.high90
    assert "more steps would narrow it to 30%" in alone.evidence
    assert helped.verdict is Verdict.COURSE and helped.low90 < truth < helped.high90
    assert helped.mid == pytest.approx(truth, rel=0.05) and "4 finished runs of this project" in helped.evidence
    assert helped.high90 - helped.low90 < 0.6 * (alone.high90 - alone.low90)


@pytest.mark.parametrize("about", [{"project": "another"}, {"kind": "train"}])
def test_other_projects_and_other_kinds_of_loss_have_no_say(about):
    library = shipped().plus([course(seed=k, name=str(k), **about)[0] for k in range(1, 5)])
    run, _ = course(at=2_500)
    alone, beside = (
        forecast(run.steps, run.losses, run.schedule, setup=run.setup, library=one) for one in (shipped(), library)
    )
    assert beside.mid == alone.mid and beside.high90 == alone.high90


def test_runs_on_either_side_of_a_change_of_unit_are_read_in_one():
    """Losses that end around .4 and around .6 are fitted in different units; what one project knows serves both."""
    library = shipped().plus([course(seed=k, name=str(k), level=0.7)[0] for k in range(1, 5)])
    run, truth = course(at=2_500, level=1.0)
    one = forecast(run.steps, run.losses, run.schedule, setup=run.setup, library=library)
    assert one.low90 < truth < one.high90 and one.mid == pytest.approx(truth, rel=0.2)
