"""The fan by its specification, and the frames it draws from a real forecast."""

import pytest

from barograph.dashboard.charts.futures import futures
from barograph.dashboard.charts.look import Look
from barograph.dashboard.charts.loss import loss
from barograph.dashboard.charts.residuals import residuals
from barograph.dashboard.charts.stack import stack
from tests.dashboard.vega_lite import problem


def layers(panel: dict, name: str) -> list[dict]:
    return [layer for layer in panel["layer"] if layer["data"]["name"] == name]


@pytest.mark.parametrize("look", [Look(), Look("time"), Look("flops", log_x=True, log_y=True)], ids=str)
def test_the_fan_lies_under_the_losses_in_their_panel(look):
    panel = loss(look)
    names = [layer["data"]["name"] for layer in panel["layer"]]
    areas = [i for i, layer in enumerate(panel["layer"]) if layer["mark"]["type"] == "area"]
    assert [panel["layer"][i]["encoding"]["y"]["field"] for i in areas] == ["low90", "low50"]
    assert [panel["layer"][i]["encoding"]["y2"]["field"] for i in areas] == ["high90", "high50"]
    assert max(areas) < names.index("loss") and names[max(areas)] == "loss.fan"
    assert layers(panel, "loss.fan.law")[0]["encoding"]["y"]["field"] == "law"


def test_the_pointer_finds_every_number_of_the_fan():
    told = [tip["field"] for tip in layers(loss(Look()), "loss.fan")[-1]["encoding"]["tooltip"]]
    assert told == ["step", "mid", "low50", "high50", "low90", "high90"]


def test_futures_keep_their_colours_and_are_valid_vega_lite():
    panels = futures(("keep the plan", "decay now"), "Validation loss")
    assert not problem(stack(panels))
    assert not problem(stack([residuals()]))
    scales = [
        layer["encoding"]["color"]["scale"] for panel in panels for layer in panel["layer"] if "scale" in
        layer["encoding"]["color"]
    ]  # fmt: skip
    assert len(scales) == 4 and all(scale == scales[0] for scale in scales)
    assert scales[0]["domain"] == ["keep the plan", "decay now"] and len(scales[0]["range"]) == 2


def test_nothing_but_the_names_of_futures_changes_the_specification():
    one, other = (stack(futures((name,), "Loss")) for name in ("a", "b"))
    assert one != other and str(one).replace("'a'", "'b'") == str(other)
