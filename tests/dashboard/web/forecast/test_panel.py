"""The Forecast page: numbers with their intervals, sentences where there are none."""

import pytest

from barograph.db import Store
from tests.dashboard import made_up_forecast as lawful
from tests.dashboard.web.seen import spoken

RUN, FORECAST = "pages/02_Run.py", "pages/03_Forecast.py"
PAGE = FORECAST


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


def test_a_plan_is_proposed_and_saved_when_confirmed(app, tmp_path):
    writer = lawful.half_way(tmp_path / "runs.db", plan=False)
    test = app(run=writer.run.id)
    assert "choose a plan" in spoken(test) and "guessed from the learning rate so far" in spoken(test)
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
