"""What the charts of one page share can be a key: panels are built once for each look."""

from barograph.dashboard.charts.look import TITLES, Look
from barograph.dashboard.charts.rate import rate


def test_looks_are_equal_by_what_they_say():
    assert Look("tokens", domain=(1.0, 2.0)) == Look("tokens", domain=(1.0, 2.0)) and rate(Look()) is rate(Look())


def test_every_axis_has_a_title():
    assert set(TITLES) == {"step", "tokens", "time", "flops", "epoch"}
