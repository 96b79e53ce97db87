"""Size against tokens."""

from barograph.dashboard.charts.contours import contours
from tests.dashboard.charts.samples import marks, of


def test_lines_of_equal_loss_are_coloured_and_runs_are_points_in_front():
    panel = contours()
    assert of(panel, "line", "equal")["color"]["field"] == "loss" and marks(panel)[-1] == ("point", "runs")
    assert {of(panel, "line", name)["x"]["scale"]["type"] for name in ("equal", "flops", "best")} == {"log"}
