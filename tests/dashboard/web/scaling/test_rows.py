"""Finished runs as rows of a scaling table, and the joint law of their curves."""

from tests.dashboard import made_up_scaling
from tests.dashboard.web.seen import spoken

PAGE = "pages/07_Scaling.py"


def test_a_law_without_its_columns_says_which_and_the_joint_law_takes_the_curves(app, tmp_path):
    made_up_scaling.ladder(tmp_path / "runs.db")
    assert "missing: width" in spoken(app(law="width"))
    joint = app(law="joint")
    assert not joint.exception and "Under the schedule of the largest run" in spoken(joint)
    assert "Their batch sizes differ" in spoken(joint)
    assert {"E", "alpha"} <= set(joint.dataframe[0].value["constant"])
