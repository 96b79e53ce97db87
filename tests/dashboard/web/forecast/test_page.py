"""The Forecast page and the fan on the Run page: numbers with their intervals, sentences where there are none."""

import numpy as np
import pandas as pd
import pytest

from barograph.dashboard.services.forecasts import Forecasts, shared
from barograph.dashboard.services.frames import View
from barograph.dashboard.web.forecast.cached import fan
from barograph.dashboard.web.forecast.view import close_up
from barograph.db import Store
from tests.dashboard import made_up
from tests.dashboard import made_up_forecast as lawful
from tests.dashboard.web.seen import spoken

RUN, FORECAST = "pages/02_Run.py", "pages/03_Forecast.py"
PAGE = FORECAST


@pytest.fixture
def app(app):
    yield app
    shared.cache_clear()


@pytest.mark.parametrize("situation", made_up.SITUATIONS, ids=lambda f: f.__name__)
def test_the_page_survives_every_store_and_says_something(situation, app, tmp_path):
    situation(tmp_path / "runs.db")
    test = app()
    assert not test.exception
    assert spoken(test)


def test_a_running_run_has_a_number_an_interval_and_evidence(app, tmp_path):
    lawful.finished(tmp_path / "runs.db")
    writer = lawful.half_way(tmp_path / "runs.db")
    truth = lawful.curve(1)[2][-60:].mean()
    for page in (FORECAST, RUN):
        test = app(page, run=writer.run.id)
        assert not test.exception
        metric = next(m for m in test.metric if m.label == "Forecast for step 4,000")
        low, high = (float(word) for word in metric.delta.removesuffix(" (90 %)").split(" to "))
        assert low < float(metric.value) < high and float(metric.value) == pytest.approx(truth, rel=0.02)
        assert "1 earlier run of this setup" in spoken(test) and "made at step 2,000" in spoken(test)
    writer.close("stopped")


def test_four_futures_are_compared_with_what_they_take(app, tmp_path):
    writer = lawful.half_way(tmp_path / "runs.db")
    words = ["keep", "decay,linear,400,0", "hold,cosine,6000,900", "cycles,2,5000,0.2"]
    test = app(run=writer.run.id, future=words, price="2.5")
    assert not test.exception
    rows = next(frame.value for frame in test.dataframe if "cost to go" in frame.value)
    assert list(rows["steps"]) == [4000, 2400, 6000, 5000]
    assert (rows["90 % from"] < rows["final loss"]).all() and (rows["final loss"] < rows["90 % to"]).all()
    assert rows["time to go"][0] == "16 min 40 s"
    assert rows["cost to go"][0] == pytest.approx(2.5 * 1000 / 3600, rel=2e-3)
    assert rows["tokens"][2] == "6M" and rows["final loss"][1] > rows["final loss"][0]
    writer.close("stopped")


def test_a_future_that_cannot_be_says_why(app, tmp_path):
    run = lawful.finished(tmp_path / "runs.db")
    test = app(run=run, future=["nonsense,1", "extend,10", "hold,linear,5,2", "knots,x:y"])
    assert not test.exception
    said = spoken(test)
    assert "unknown future 'nonsense'" in said and "the new end 10 must lie after step 2000" in said


def test_a_plan_is_proposed_and_saved_when_confirmed(app, tmp_path):
    writer = lawful.half_way(tmp_path / "runs.db", plan=False)
    test = app(run=writer.run.id)
    assert "choose a plan" in spoken(test) and not [m for m in test.metric if "Forecast" in m.label]
    next(b for b in test.button if b.label == "Save with the run").click()
    test.run()
    assert not test.exception
    saved = Store(tmp_path / "runs.db").plans(writer.run.id)[-1]
    assert saved.origin == "confirmed" and saved.steps[-1] == lawful.STEPS
    writer.close("stopped")


def test_an_ended_run_is_looked_at_from_its_middle_and_scored(app, tmp_path):
    run = lawful.finished(tmp_path / "runs.db")
    lawful.finished(tmp_path / "runs.db", "second", 3)
    test = app(run=run, score="true", view="earlier forecasts")
    said = spoken(test)
    assert "the forecast as of step 2,000" in said and "it ended at" in said
    assert "forecasts of 2 finished runs" in said
    asked = app(run=run, at="3000")
    assert "at step 3,000" in spoken(asked)


def test_the_fan_meets_the_past_and_carries_the_forecast_to_the_end(app, tmp_path):
    writer = lawful.half_way(tmp_path / "runs.db")
    app(RUN, run=writer.run.id)
    made = Forecasts(Store(tmp_path / "runs.db")).of(writer.run.id)
    whole = fan(View(writer.run.id), made)
    assert whole[""]["step"].iloc[0] == made.forecast.at and whole[""]["step"].iloc[-1] == lawful.STEPS
    assert whole[""]["mid"].iloc[-1] == pytest.approx(made.forecast.mid)
    assert whole[".law"]["x"].iloc[-1] == made.forecast.at and len(whole[".law"]) > 20
    inside = fan(View(writer.run.id, lo=2500, hi=3000), made)
    assert inside[""]["step"].between(2500, 3000).all() and not len(inside[".law"])
    writer.close("stopped")


def test_a_close_up_cuts_the_steep_beginning_and_never_a_later_spike():
    steps = np.arange(1000)
    high = 2 + 8 * np.exp(-steps / 20)
    high[600] = 6.0
    empty = pd.DataFrame({"step": [], "val": [], "high90": [], "law": []})
    found = {"loss": pd.DataFrame({"step": steps, "high": high}), "loss.val": empty, "loss.fan": empty}
    kept = close_up({**found, "lr": empty}, 1000, 1000)["loss"]
    assert kept["high"].max() == 6.0 and 600 in set(kept["step"]) and kept["step"].min() > 10


@pytest.mark.parametrize("view", ["questions", "laws", "before a run starts"])
def test_every_part_answers_with_intervals(view, app, tmp_path):
    lawful.finished(tmp_path / "runs.db")
    writer = lawful.half_way(tmp_path / "runs.db")
    test = app(run=writer.run.id, view=view)
    assert not test.exception
    if view == "questions":
        said = spoken(test)
        assert "If decayed now" in said and "90 %" in said and "if all goes well" in said
    elif view == "laws":
        assert "they disagree by" in spoken(test)
        values = test.dataframe[-1].value
        assert (values["90 % from"] < values["value"]).all() and (values["value"] < values["90 % to"]).all()
    else:
        rows = test.dataframe[0].value
        assert list(rows["schedule"])[0] == "cosine to 0" and (rows["90 % from"] < rows["90 % to"]).all()
    writer.close("stopped")


def test_without_a_finished_run_nothing_is_said_of_one_that_has_not_started(app, tmp_path):
    writer = lawful.half_way(tmp_path / "runs.db")
    test = app(run=writer.run.id, view="before a run starts")
    assert not test.exception and "the level of the loss on your data is unknown" in spoken(test)
    writer.close("stopped")


def test_a_run_that_was_stopped_early_is_scored_where_it_stopped(tmp_path):
    writer = lawful.half_way(tmp_path / "runs.db")
    writer.close("stopped")
    found = Forecasts(Store(tmp_path / "runs.db")).backtest(writer.run.id)
    assert len(found) >= 3 and all(abs(one.error_pct) < 3 for one in found)
    assert all(one.prediction.for_step == 1975 for one in found)


def test_several_runs_are_compared_by_what_a_decay_now_would_give(app, tmp_path):
    writer = lawful.half_way(tmp_path / "runs.db")
    made_up.finished(tmp_path / "runs.db")
    test = app(run=writer.run.id, view="several runs")
    test.multiselect[0].set_value([run.id for run in Store(tmp_path / "runs.db").runs()]).run()
    assert not test.exception
    (rows,) = [frame.value for frame in test.dataframe if "if decayed now" in frame.value]
    assert len(rows) == 2 and rows["note"].notna().all()
    half = rows[rows["run"] == writer.run.name].iloc[0]
    assert half["if decayed now"] > half["forecast"]  # fewer steps than the plan
    writer.close("stopped")
