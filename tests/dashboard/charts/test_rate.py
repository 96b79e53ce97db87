"""The learning rate and its plan."""

from barograph.dashboard.charts.look import Look
from barograph.dashboard.charts.rate import rate
from tests.dashboard.charts.samples import of


def test_a_line_a_parameter_group_on_a_linear_axis_even_where_others_are_logarithmic():
    line = of(rate(Look(log_y=True)), "line", "lr")
    assert line["detail"]["field"] == "part" and line["y"]["scale"]["type"] == "linear"
