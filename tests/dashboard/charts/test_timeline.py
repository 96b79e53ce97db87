"""The time line, the shades behind other panels and the projected crossing, by their specification."""

import pytest

from barograph.dashboard.charts._support.colors import BAD, QUIET, TRAIN, VALIDATION
from barograph.dashboard.charts.crossing import crossing
from barograph.dashboard.charts.heat import heat
from barograph.dashboard.charts.look import Look
from barograph.dashboard.charts.loss import loss
from barograph.dashboard.charts.parts import parts
from barograph.dashboard.charts.stack import stack
from barograph.dashboard.charts.timeline import spans, timeline
from tests.dashboard.vega_lite import problem

LOOKS = [Look(), Look("time", log_y=True), Look("tokens", domain=(10.0, 20.0))]


def story(look: Look) -> dict:
    told = [timeline(look), *(spans(panel, look) for panel in (loss(look), crossing(look, "logits", "Logits")))]
    return stack([*told, heat(look, "map3", "Map", pick=True)])


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_story_is_valid_vega_lite_on_one_axis_with_named_data(look):
    spec = story(look)
    assert not problem(spec)
    assert spec["resolve"]["scale"]["x"] == "shared"
    assert all(layer["data"].keys() == {"name"} for panel in spec["vconcat"] for layer in panel["layer"])


def test_tones_are_the_colours_of_the_theme_and_expected_rises_are_gray():
    scale = timeline(Look())["layer"][0]["encoding"]["color"]["scale"]
    tones = dict(zip(scale["domain"], scale["range"], strict=True))
    assert tones == {"act": BAD, "watch": VALIDATION, "note": TRAIN, "expected": QUIET}


def test_shades_lie_behind_all_else_and_leave_the_panel_as_it_was():
    before = loss(Look())
    shaded = spans(before, Look())
    assert shaded["layer"][0]["data"]["name"] == "episodes" and "y" not in shaded["layer"][0]["encoding"]
    assert shaded["layer"][1:] == before["layer"] and loss(Look()) == before


def test_a_click_on_a_map_is_heard_and_only_where_it_was_asked_for():
    params = {param["name"]: param for param in story(Look())["params"]}
    assert params["cell"]["views"] == ["cells_map3"] and "cells_map3" in params["zoom"]["views"]
    assert params["cell"]["select"]["fields"] == ["map", "part"]
    assert "cell" not in {param["name"] for param in stack([heat(Look(), "h", "Map")])["params"]}


def test_the_height_grows_by_a_few_lanes_at_a_time():
    heights = [timeline(Look(), lanes=lanes)["height"] for lanes in range(1, 25)]
    assert heights == sorted(heights) and len(set(heights[:20])) == 4 and heights[23] > heights[19]


def test_the_colours_of_events_are_not_mixed_with_those_of_parts():
    panel = parts(Look(), "p", "Parts")
    assert panel["resolve"] == {"scale": {"color": "independent"}}
    legends = [layer["encoding"].get("color", {}).get("legend") for layer in panel["layer"]]
    assert len([legend for legend in legends if legend]) == 1
