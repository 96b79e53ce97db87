"""The charts of the Scaling page by their specification."""

import pytest

from barograph.dashboard.charts.contours import contours
from barograph.dashboard.charts.scaling import scaling
from barograph.dashboard.charts.stack import stack
from tests.dashboard.vega_lite import problem


@pytest.mark.parametrize("panel", [scaling, contours], ids=lambda f: f.__name__)
def test_the_chart_is_valid_and_names_its_data(panel):
    spec = stack([panel()])
    assert not problem(spec)
    assert all(layer["data"].keys() == {"name"} for layer in spec["vconcat"][0]["layer"])


def test_outliers_have_a_mark_of_their_own_and_sizes_share_one_scale():
    layers = scaling()["layer"]
    runs = next(layer for layer in layers if layer["data"]["name"] == "runs")
    sizes = next(layer for layer in layers if layer["data"]["name"] == "sizes")
    assert runs["encoding"]["shape"]["scale"] == {"domain": ["no", "yes"], "range": ["circle", "cross"]}
    assert runs["encoding"]["color"]["scale"] == sizes["encoding"]["color"]["scale"]


def test_size_and_tokens_are_logarithmic():
    for layer in contours()["layer"]:
        assert layer["encoding"]["x"]["scale"]["type"] == layer["encoding"]["y"]["scale"]["type"] == "log"
