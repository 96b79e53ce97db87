"""Forecasts kept for the pages, and their fan."""

import pytest

from barograph.dashboard.services.forecasts import Forecasts
from barograph.dashboard.services.frames import View
from barograph.dashboard.web.forecast.cached import fan
from barograph.db import Store
from tests.dashboard import made_up_forecast as lawful

RUN, FORECAST = "pages/02_Run.py", "pages/03_Forecast.py"
PAGE = FORECAST


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


def test_a_run_that_was_stopped_early_is_scored_where_it_stopped(tmp_path):
    writer = lawful.half_way(tmp_path / "runs.db")
    writer.close("stopped")
    found = Forecasts(Store(tmp_path / "runs.db")).backtest(writer.run.id)
    assert len(found) >= 3 and all(abs(one.error_pct) < 3 for one in found)
    assert all(one.prediction.for_step == 1975 for one in found)
