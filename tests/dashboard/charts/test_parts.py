"""A signal by parts: a line each, with a legend once."""

from barograph.dashboard.charts.look import Look
from barograph.dashboard.charts.parts import parts
from tests.dashboard.charts.samples import of


def test_each_part_has_its_line_its_extremes_and_one_legend_names_it():
    panel = parts(Look(), "p", "Parts")
    assert of(panel, "line", "p")["color"]["field"] == "part" and of(panel, "line", "p")["color"]["legend"]
    assert of(panel, "rule", "p")["y2"]["field"] == "high" and of(panel, "rule", "p")["color"]["legend"] is None
