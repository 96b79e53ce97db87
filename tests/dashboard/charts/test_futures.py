"""What-if schedules: their learning rates above, their forecasts below, one colour each."""

from barograph.dashboard.charts.futures import futures
from barograph.dashboard.charts.stack import stack
from tests.dashboard.charts.samples import of
from tests.dashboard.vega_lite import problem


def test_a_schedule_has_one_colour_in_both_panels_and_one_legend():
    above, below = futures(("keep", "decay"), "Validation loss")
    rate, middle = above["layer"][0]["encoding"], of(below, "line", "fans")
    assert (
        rate["color"]["scale"]
        == middle["color"]["scale"]
        == {"domain": ["keep", "decay"], "range": ["violet", "green"]}
    )
    assert rate["color"]["legend"] is None and middle["color"]["legend"]


def test_they_are_valid_vega_lite():
    assert not problem(stack(futures(("keep",), "Loss")))
