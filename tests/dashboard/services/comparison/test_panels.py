"""The chart of a comparison: curves or groups above, the difference to the reference below."""

import functools

import pytest

from barograph.dashboard.charts.look import Look
from barograph.dashboard.services import frames
from barograph.dashboard.services.comparison.compare import compare
from barograph.dashboard.services.comparison.panels import Options, panels, specification
from tests.dashboard.made_up_sweep import sweep

GROUPS = {"": {"a", "b", "c", "d"}, "lr": {f"{10.0**k} (1 run)" for k in range(-4, 0)}}


@pytest.mark.parametrize(("group", "parts"), GROUPS.items())
def test_every_data_set_that_is_drawn_has_a_frame(tmp_path, group, parts):
    store = sweep(tmp_path / "runs.db")
    found = compare(store, store.runs(), reference="run0")
    options = Options(frames.View(""), group, close_up=True)
    drawn, data = panels(store, functools.partial(frames.line, store), found, options, Look())
    assert len(drawn) == 2 and set(data["curves"]["part"]) == parts
    assert set(data["gaps"]["part"]) == {"b", "c", "d"}, "the reference has no difference to itself"
    text = str(specification(drawn, "step"))
    assert all(f"'name': '{name}'" in text for name in ("curves", "gaps", "zero")) and "Difference to a" in text
