"""What the Forecast page answers."""

import pytest

from barograph.db import Store
from tests.dashboard import made_up
from tests.dashboard import made_up_forecast as lawful
from tests.dashboard.web.seen import spoken

RUN, FORECAST = "pages/02_Run.py", "pages/03_Forecast.py"
PAGE = FORECAST


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
        assert (values["90 % low"] < values["value"]).all() and (values["value"] < values["90 % high"]).all()
    else:
        rows = test.dataframe[0].value
        assert list(rows["schedule"])[0] == "cosine to 0" and (rows["90 % low"] < rows["90 % high"]).all()
    writer.close("stopped")


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
