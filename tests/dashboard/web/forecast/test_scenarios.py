"""The schedules that are looked at first, and a row for each with what it takes."""

import numpy as np
import pandas as pd
import pytest

from barograph.dashboard.analysis.forecasting import Schedule
from barograph.dashboard.services.forecasts import Forecasts
from barograph.dashboard.web.forecast import scenarios
from barograph.db import Store
from tests.dashboard import made_up_forecast as lawful


@pytest.fixture
def made(tmp_path):
    writer = lawful.half_way(tmp_path / "runs.db")
    yield Forecasts(Store(tmp_path / "runs.db")).of(writer.run.id)
    writer.close("stopped")


def test_the_usual_schedules_and_their_frames(made):
    words = scenarios.usual(made.forecast, made.schedule)
    assert words[0] == "keep" and len(words) == scenarios.MOST
    found = scenarios.scenarios(made.forecast, made.schedule, words)
    assert all(one.forecast is not None for one in found)
    drawn = scenarios.frames(found, pd.DataFrame({"step": made.steps, "loss": made.losses}), made.forecast.at)
    assert set(drawn["fans"]["future"]) == set(drawn["rates"]["future"]) == {one.name for one in found}
    assert drawn["fans"]["step"].min() == made.forecast.at


def test_a_row_has_what_it_takes_and_a_price_only_where_there_is_one(made):
    found = scenarios.scenarios(made.forecast, made.schedule, ["keep", "nonsense,1"])
    assert found[1].why_not and found[1].forecast is None
    pace = scenarios.Pace(1000.0, 0.5, np.nan)
    (row,) = scenarios.table(found, pace, made.forecast.at).to_dict("records")
    assert row["FLOPs"] == "–" and np.isnan(row["cost to go"]) and row["steps"] == made.schedule.total
    (priced,) = scenarios.table(found, scenarios.Pace(1000.0, 0.5, np.nan, 2.0), made.forecast.at).to_dict("records")
    assert priced["cost to go"] == pytest.approx(0.5 * (row["steps"] - made.forecast.at) / 3600 * 2)


def test_of_a_plan_that_is_over_there_is_nothing_to_keep(made):
    over = Schedule(made.schedule.steps[:2], made.schedule.lr[:2])
    assert "keep" not in scenarios.usual(made.forecast, over)
