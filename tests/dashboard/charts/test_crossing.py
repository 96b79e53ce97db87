"""A quantity on its way to a limit."""

from barograph.dashboard.charts.crossing import crossing
from barograph.dashboard.charts.look import Look
from tests.dashboard.charts.samples import marks, of


def test_the_projection_is_a_fan_to_limits_that_have_names():
    panel = crossing(Look(log_y=True), "logits", "Largest attention logit")
    fan = of(panel, "area", "logits.fan")
    assert (fan["y"]["field"], fan["y2"]["field"]) == ("low", "high")
    assert of(panel, "text", "logits.limit")["text"]["field"] == "name"
    assert marks(panel)[-1] == ("rule", "events")
