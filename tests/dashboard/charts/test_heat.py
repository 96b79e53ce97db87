"""Heat maps: a row a part, colour by the alarming extreme."""

from barograph.dashboard.charts.heat import MOST, ROW, heat, height
from barograph.dashboard.charts.look import Look
from tests.dashboard.charts.samples import of


def test_colour_is_reversed_where_the_lowest_value_is_the_alarming_one():
    scales = [of(heat(Look(), "h", "H", shows=shows), "rect", "h")["color"]["scale"] for shows in ("high", "low")]
    assert [scale["reverse"] for scale in scales] == [False, True]


def test_colour_is_logarithmic_where_values_are_far_apart():
    assert of(heat(Look(), "h", "H", log=True), "rect", "h")["color"]["scale"]["type"] == "log"
    assert of(heat(Look(), "h", "H", log=False), "rect", "h")["color"]["scale"]["type"] == "linear"


def test_only_maps_that_can_be_clicked_are_named():
    named = [heat(Look(), "h", "H", pick=pick)["layer"][0].get("name") for pick in (True, False)]
    assert named == ["cells_h", None]


def test_the_height_follows_the_rows_up_to_a_limit():
    assert height(1) == 110 and height(20) == 20 * ROW and height(500) == MOST * ROW
