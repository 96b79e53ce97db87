"""What each law leaves unexplained."""

from barograph.dashboard.charts.residuals import residuals
from tests.dashboard.charts.samples import of


def test_a_line_a_law_around_zero():
    panel = residuals()
    assert of(panel, "line", "residuals")["color"]["field"] == "law"
    assert panel["layer"][1]["encoding"]["y"] == {"datum": 0}
