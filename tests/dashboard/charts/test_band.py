"""One signal: its extremes as thin lines, its mean, and the smoothed line."""

from barograph.dashboard.charts.band import band
from barograph.dashboard.charts.look import Look
from tests.dashboard.charts.samples import marks, of


def test_extremes_are_drawn_from_the_lowest_to_the_highest():
    reach = of(band(Look(), "g", "G"), "rule", "g")
    assert (reach["y"]["field"], reach["y2"]["field"]) == ("low", "high")


def test_without_smoothing_there_is_one_line():
    lines = [mark for mark in marks(band(Look(), "g", "G", smooth=False)) if mark == ("line", "g")]
    assert len(lines) == 1 and marks(band(Look(), "g", "G")).count(("line", "g")) == 2


def test_abandoned_attempts_and_points_that_are_not_finite_are_data_of_their_own():
    drawn = marks(band(Look(), "g", "G"))
    assert ("line", "g.old") in drawn and ("point", "g.bad") in drawn
