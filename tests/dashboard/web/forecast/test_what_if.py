"""What-if schedules on the page."""

import pytest

from tests.dashboard import made_up_forecast as lawful
from tests.dashboard.web.seen import spoken

RUN, FORECAST = "pages/02_Run.py", "pages/03_Forecast.py"
PAGE = FORECAST


def test_four_futures_are_compared_with_what_they_take(app, tmp_path):
    writer = lawful.half_way(tmp_path / "runs.db")
    words = ["keep", "decay,linear,400,0", "hold,cosine,6000,900", "cycles,2,5000,0.2"]
    test = app(run=writer.run.id, future=words, price="2.5")
    assert not test.exception
    rows = next(frame.value for frame in test.dataframe if "cost to go" in frame.value)
    assert list(rows["steps"]) == [4000, 2400, 6000, 5000]
    assert (rows["90 % low"] < rows["final loss"]).all() and (rows["final loss"] < rows["90 % high"]).all()
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


def test_without_a_finished_run_nothing_is_said_of_one_that_has_not_started(app, tmp_path):
    writer = lawful.half_way(tmp_path / "runs.db")
    test = app(run=writer.run.id, view="before a run starts")
    assert not test.exception and "the level of the loss on your data is unknown" in spoken(test)
    writer.close("stopped")
