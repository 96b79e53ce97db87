"""The loss: training as a band, validation as points, the forecast behind both."""

from barograph.dashboard.charts.look import Look
from barograph.dashboard.charts.loss import loss
from tests.dashboard.charts.samples import marks


def test_the_forecast_is_behind_the_data_and_its_numbers_in_front():
    drawn = marks(loss(Look()))
    assert drawn.index(("area", "loss.fan")) < drawn.index(("line", "loss")) < drawn.index(("rule", "loss.fan"))


def test_every_validation_point_can_be_read():
    panel = loss(Look())
    (points,) = [
        layer for layer in panel["layer"] if layer["mark"]["type"] == "point" and layer["data"]["name"] == "loss.val"
    ]
    assert points["encoding"]["tooltip"][-1]["title"] == "validation loss"
