"""Cached reads: what the store cannot answer is not offered."""

from tests.dashboard import made_up

RUN = "pages/02_Run.py"


def test_an_axis_that_was_not_recorded_is_not_offered(app, tmp_path):
    made_up.steps_only(tmp_path / "runs.db")
    (axis,) = [g for g in app(RUN).get("button_group") if g.label == "x axis"]
    assert list(axis.options) == ["step"]
