"""The same signal of several runs."""

from barograph.dashboard.charts.look import Look
from barograph.dashboard.charts.overlay import LEGEND, overlay
from tests.dashboard.charts.samples import marks, of
from tests.dashboard.vega_lite import problem

NAMES = tuple(f"run {i}" for i in range(LEGEND + 1))


def test_runs_beyond_the_colours_differ_in_their_dashes():
    line = of(overlay(Look(), "c", "Loss", NAMES), "line", "c")
    looks = list(zip(line["color"]["scale"]["range"], map(tuple, line["strokeDash"]["scale"]["range"]), strict=True))
    assert len(set(looks)) == len(NAMES)


def test_a_legend_has_room_for_so_many_names_and_the_difference_has_none():
    shown = [
        of(overlay(Look(), "c", "Loss", names, zero=zero), "line", "c")["color"]["legend"] is not None
        for names, zero in ((NAMES[:-1], False), (NAMES, False), (NAMES[:2], True))
    ]
    assert shown == [True, False, False]


def test_a_range_of_y_can_be_given_and_no_difference_is_a_line():
    panel = overlay(Look(), "c", "Loss", NAMES[:2], zero=True, band=True, span=(1.0, 2.0))
    assert of(panel, "line", "c")["y"]["scale"]["domain"] == [1.0, 2.0]
    assert ("rule", "zero") in marks(panel) and marks(panel)[0] == ("area", "c")


def test_it_is_valid_vega_lite():
    assert not problem(overlay(Look(), "c", "Loss", NAMES[:2]))
