"""Where a run will end, asked in one go: another schedule from a file, a decay now, a target."""

from __future__ import annotations

import numpy as np
import pytest

from barograph.dashboard.analysis.forecasting import Schedule
from barograph.dashboard.services.forecast_answer import forecast_answer, read_schedule
from barograph.db import Run, Store
from barograph.errors import InvalidInput, NoSuchRun
from tests.dashboard import made_up_forecast

PAST = Schedule(np.array([1.0, 1000.0]), np.array([1e-3, 1e-3]))


def test_what_is_asked_is_answered(tmp_path):
    run = made_up_forecast.finished(tmp_path / "runs.db")
    store = Store(tmp_path / "runs.db")
    plan = tmp_path / "plan.csv"
    plan.write_text("step,lr\n2001,1e-3\n6000,1e-4\n")
    found = forecast_answer(store, run, at=2000, schedule=plan, target=3.0)
    assert (found.run, found.signal, found.schedule) == (run, "val_loss", str(plan))
    assert (found.forecast.at, found.forecast.for_step) == (2000, 6000)
    assert found.decayed_now.for_step == 2400 and found.target == 3.0 and found.steps_to_target is not None
    planned = forecast_answer(store, run, at=2000)
    assert planned.forecast.for_step == 4000 and planned.steps_to_target is None


def test_where_no_forecast_can_be_made_there_is_no_answer(tmp_path):
    store = Store(tmp_path / "runs.db")
    store.append(Run("a", "a"), {"loss": (np.arange(5), np.ones(5))})
    found = forecast_answer(store, "a", schedule=tmp_path / "none.csv", target=1.0)
    assert found.forecast.verdict.refused and found.decayed_now is None and found.steps_to_target is None
    assert "learning rate" in found.schedule
    with pytest.raises(NoSuchRun):
        forecast_answer(store, "nobody")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("step,lr\n1100,x\n", "line 2: expected numbers"),
        ("step,lr\n1100,1e-3\n1200\n", "line 3: expected numbers"),
        ("a,b\n1,2\n", "plan.csv: expected a CSV with the columns step,lr"),
        ("step,lr\ninf,1e-3\n", "line 2"),
    ],
)
def test_a_file_that_is_no_schedule_names_the_line(tmp_path, text, problem):
    (tmp_path / "plan.csv").write_text(text)
    with pytest.raises(InvalidInput, match=problem):
        read_schedule(tmp_path / "plan.csv", PAST, 1000)


def test_the_past_stays_and_the_file_goes_on(tmp_path):
    (tmp_path / "plan.csv").write_text("step,lr\n1001,1e-3\n2000,0\n")
    found = read_schedule(tmp_path / "plan.csv", PAST, 1000)
    assert found.total == 2000 and found.eta[499] == 1e-3 and found.eta[-1] == 0
    with pytest.raises(InvalidInput, match="no file"):
        read_schedule(tmp_path / "none.csv", PAST, 1000)
