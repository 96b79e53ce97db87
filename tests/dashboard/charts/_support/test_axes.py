"""Axes: scales, ranges, and how numbers are spelled."""

import pytest

from barograph.dashboard.charts._support import axes
from barograph.dashboard.charts.look import Look


@pytest.mark.parametrize(("look", "kind", "scale"), [
    (Look(), "quantitative", "linear"), (Look("tokens", log_x=True), "quantitative", "log"),
    (Look("time", log_x=True), "temporal", "utc"),
])  # fmt: skip
def test_the_scale_of_x_follows_the_axis(look, kind, scale):
    x = axes.x(look).to_dict()
    assert x["type"] == kind and x["scale"]["type"] == scale and x["scale"]["zero"] is False


def test_a_zoomed_range_is_the_domain():
    assert axes.x(Look(domain=(5.0, 50.0))).to_dict()["scale"]["domain"] == [5.0, 50.0]
    assert "domain" not in axes.x(Look()).to_dict()["scale"]


def test_y_is_logarithmic_where_it_was_asked_for_unless_a_panel_says_otherwise():
    scales = [axes.y(Look(log_y=True), "v", log).to_dict()["scale"]["type"] for log in (None, False, True)]
    assert scales == ["log", "linear", "log"]


def test_labels_of_y_have_a_fixed_width_so_that_they_never_push_the_plot():
    assert axes.y(Look(), "v").to_dict()["axis"]["minExtent"] == 52


def test_a_logarithmic_axis_spells_few_numbers():
    assert "indexof([1, 2, 5]" in axes.labels(True) and "indexof" not in axes.labels(False)
