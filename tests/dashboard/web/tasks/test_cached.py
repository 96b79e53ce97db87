"""What the Tasks page reads: values that are no shares are refused."""

from __future__ import annotations

from tests.dashboard import made_up_evaluations
from tests.dashboard.web.seen import spoken

PAGE = "pages/06_Tasks.py"


def test_what_is_missing_or_wrong_is_a_sentence(app, tmp_path):
    assert "No run yet" in app().info[0].value
    made_up_evaluations.percent(tmp_path / "runs.db")
    assert "expected a share between 0 and 1" in spoken(app())
    made_up_evaluations.one(tmp_path / "runs.db")
    said = spoken(app())
    assert "No task began after another one" in said
