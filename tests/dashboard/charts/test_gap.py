"""The stability gap after one boundary."""

from barograph.dashboard.charts.gap import gap
from tests.dashboard.vega_lite import problem


def test_the_boundary_is_at_zero_and_marks_say_what_they_are():
    spec = gap("gap", "a falls", first=-20, last=100)
    assert spec["datasets"][spec["layer"][0]["data"]["name"]] == [{"x": 0}]
    assert all(layer["encoding"]["x"]["scale"]["domain"] == [-20, 100] for layer in spec["layer"])
    marked = {layer["data"].get("name"): layer["encoding"].get("tooltip") for layer in spec["layer"]}
    assert [tip["field"] for tip in marked["gap.low"]] == ["part", "note"] == [t["field"] for t in marked["gap.back"]]


def test_it_is_valid_vega_lite():
    assert not problem(gap("gap", "a falls", note="red: lowest"))
