"""Charts by their specification: what they draw, and that it never depends on the points."""

import pytest

from barograph.dashboard.charts._support.colors import TRAIN, VALIDATION
from barograph.dashboard.charts.band import band
from barograph.dashboard.charts.heat import heat
from barograph.dashboard.charts.look import Look
from barograph.dashboard.charts.loss import loss
from barograph.dashboard.charts.parts import parts
from barograph.dashboard.charts.rate import rate
from barograph.dashboard.charts.stack import stack
from tests.dashboard.charts.samples import LOOKS, marks
from tests.dashboard.vega_lite import problem


def panels(look: Look) -> list[dict]:
    return [
        loss(look),
        rate(look),
        band(look, "grad", "Gradient norm"),
        parts(look, "p", "Parts"),
        heat(look, "h", "Heat"),
    ]


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_page_of_panels_is_valid_vega_lite(look):
    assert not problem(stack(panels(look)))


def test_a_mistake_in_a_specification_is_found():
    spec = stack(panels(Look()))
    spec["vconcat"][0]["layer"][1]["encoding"]["y"]["scale"] = {"typo": 1}
    assert problem(spec)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_panel_has_the_events_and_clips_what_is_outside_of_the_zoom(look):
    for panel in panels(look):
        assert ("rule", "events") in marks(panel)
        assert all(layer["mark"]["clip"] for layer in panel["layer"])


def test_data_is_named_and_never_inside():
    spec = stack(panels(Look()))
    assert "datasets" not in spec
    names = {layer["data"]["name"] for panel in spec["vconcat"] for layer in panel["layer"]}
    assert {"loss", "loss.val", "loss.bad", "loss.old", "lr", "lr.plan", "grad", "h", "events"} <= names


def test_the_loss_shows_extremes_mean_smoothing_and_validation():
    drawn = loss(Look())["layer"]
    reach = next(layer for layer in drawn if layer["data"]["name"] == "loss" and layer["encoding"].get("y2"))
    assert (reach["encoding"]["y"]["field"], reach["encoding"]["y2"]["field"]) == ("low", "high")
    lines = [layer["encoding"] for layer in drawn if layer["mark"]["type"] == "line"]
    colors = {line["y"]["field"]: line["color"]["value"] for line in lines}
    assert colors["mean"] == colors["smooth"] == TRAIN and colors["val"] == VALIDATION
    bare = loss(Look(), smooth=False)["layer"]
    assert not [layer for layer in bare if layer["encoding"].get("y", {}).get("field") == "smooth"]


def test_the_planned_rate_is_dashed_and_the_real_one_is_not():
    dashes = {
        layer["data"]["name"]: "strokeDash" in layer["mark"]
        for layer in rate(Look())["layer"]
        if layer["mark"]["type"] == "line"
    }
    assert dashes == {"lr.plan": True, "lr": False}


def test_renderer_and_aria_are_fixed_and_the_zoom_is_bound_to_the_scales():
    spec = stack(panels(Look()))
    assert spec["usermeta"] == {"embedOptions": {"renderer": "canvas"}} and spec["config"]["aria"] is False
    zoom, brush = spec["params"][-2:]
    assert (zoom["name"], zoom["bind"], zoom["select"]["encodings"]) == ("zoom", "scales", ["x"])
    assert brush["name"] == "brush" and "bind" not in brush
    first = [panel["layer"][0]["name"] for panel in spec["vconcat"]]
    assert zoom["views"] == brush["views"] == first and len(set(first)) == len(first)


def test_only_the_last_panel_names_the_x_axis():
    spec = stack(panels(Look("tokens")), "tokens")
    titles = [{layer["encoding"]["x"]["axis"]["title"] for layer in panel["layer"]} for panel in spec["vconcat"]]
    assert titles == [{None}, {None}, {None}, {None}, {"tokens"}]


def test_log_axes_and_the_domain_reach_the_scales():
    look = Look("step", log_x=True, log_y=True, domain=(5.0, 50.0))
    mean = next(
        layer for layer in band(look, "g", "G")["layer"] if layer["encoding"].get("y", {}).get("field") == "mean"
    )
    assert mean["encoding"]["x"]["scale"]["type"] == mean["encoding"]["y"]["scale"]["type"] == "log"
    assert mean["encoding"]["x"]["scale"]["domain"] == [5.0, 50.0]
    assert not [
        layer for layer in rate(look)["layer"] if layer["encoding"].get("y", {}).get("scale", {}).get("type") == "log"
    ]


def test_a_stack_does_not_change_the_panels_it_was_given():
    before = [dict(panel) for panel in panels(Look())]
    stack(panels(Look()), "a")
    assert panels(Look()) == before
