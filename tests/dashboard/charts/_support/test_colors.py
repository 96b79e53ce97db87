"""Colours are names that the theme replaces, one for each value."""

from barograph.dashboard.charts._support import colors


def test_a_value_has_its_own_colour_and_no_legend():
    color = colors.named("tone", {"act": colors.BAD, "note": colors.TRAIN}).to_dict()
    assert color["scale"] == {"domain": ["act", "note"], "range": ["red", "blue"]} and color["legend"] is None


def test_what_is_drawn_over_each_other_differs_in_colour():
    names = [colors.TRAIN, colors.VALIDATION, colors.LIMIT, colors.PLAN, colors.QUIET, colors.BAD]
    assert len(set(names)) == len(names) and set(names) <= set(colors.SERIES)
