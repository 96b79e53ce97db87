"""Forecasts before a run has started, and at earlier steps of it."""

from dataclasses import replace

from barograph.dashboard.analysis.forecasting import Verdict, forecast, shipped
from barograph.dashboard.analysis.forecasting.before import before_start, past_forecasts
from tests.dashboard.analysis.forecasting.synthetic import SETUP, cosine, finished, run, wsd

LIBRARY = shipped()


def test_before_a_run_starts_only_its_own_project_can_say_a_number():
    assert before_start(wsd(), setup=SETUP, library=LIBRARY).verdict is Verdict.TOO_FEW
    library = LIBRARY.plus([finished(wsd()), finished(cosine(10_000), seed=3)])
    one = before_start(wsd(30_000), setup=SETUP, library=library)
    final = run(wsd(30_000))[2]
    assert one.low90 < final < one.high90 and one.high90 - one.low90 < 0.15


def test_past_forecasts_use_only_their_own_past():
    steps, losses, final = run(cosine())
    past = past_forecasts(steps, losses, cosine(), setup=SETUP, library=LIBRARY, fractions=(0.3, 0.5))
    assert [one.at for one in past] == [6_000, 10_000]
    assert past[0].mid == forecast(steps[:60], losses[:60], cosine(), setup=SETUP, library=LIBRARY).mid
    assert all(one.low90 < final < one.high90 for one in past)


def test_finished_runs_of_another_project_give_no_number():
    library = LIBRARY.plus([finished(wsd())])
    other = replace(SETUP, project="theirs")
    assert before_start(wsd(), setup=other, library=library).verdict is Verdict.TOO_FEW


def test_past_forecasts_are_for_the_step_asked_for():
    steps, losses, _ = run(cosine())
    (past,) = past_forecasts(steps, losses, cosine(), setup=SETUP, library=LIBRARY, fractions=(0.5,), for_step=16_000)
    assert (past.at, past.for_step) == (8_000, 16_000)
    assert past.low90 < losses[159] < past.high90
