"""Outstanding points become stretches."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.dashboard.analysis.detectors._support.outlier_groups import OutlierGroups


def feed(marks: str, gap: int = 2, least: int = 1, cuts=(), every: int = 1) -> list:
    """The stretches in "..#.##", whatever was said last of each."""
    flags = np.array([mark == "#" for mark in marks])
    steps = every * np.arange(len(marks))
    runs, said = OutlierGroups(gap, least), {}
    for part in np.split(np.arange(len(marks)), sorted(cuts)):
        for one in runs.feed(steps[part], flags[part], steps[part] % 7.0, step=steps[part] * 1.0):
            said[one.first] = one
    return list(said.values())


def test_a_gap_ends_a_stretch():
    first, second = feed("..#.#...#..", every=10)
    assert (first.first, first.last, first.count, first.open) == (20, 40, 2, False)
    assert (second.first, second.last, second.open) == (80, 80, True)


def test_it_closes_without_another():
    (one,) = feed("#...")
    assert not one.open
    (one,) = feed("#..")
    assert one.open


def test_the_peak_is_kept_with_what_was_known_there():
    (one,) = feed("####.####", cuts=[2, 5])
    assert (one.peak, one.peak_step, one.at_peak) == (6.0, 6, {"step": 6.0})


def test_it_is_said_once_enough_stand_out():
    assert feed("#.#..", least=3) == []
    (one,) = feed("#.#.##", least=3, cuts=[1, 3])
    assert (one.first, one.flagged, one.count) == (0, 4, 4)


def test_one_that_is_alone_enough_is_said_at_once():
    runs, steps = OutlierGroups(gap=2, least=3), np.arange(9)
    flags, alone = np.isin(steps, [1, 3, 5]), steps == 3
    (one,) = runs.feed(steps, flags, steps * 1.0, alone)
    assert (one.first, one.flagged, one.last) == (1, 3, 5)


@settings(max_examples=200, deadline=None)
@given(st.text("#..", max_size=60), st.lists(st.integers(0, 60), max_size=9), st.integers(0, 4), st.integers(1, 4))
def test_cuts_do_not_matter(marks, cuts, gap, least):
    assert feed(marks, gap, least, cuts) == feed(marks, gap, least)


@settings(max_examples=100, deadline=None)
@given(st.text("#..", max_size=60), st.integers(0, 4))
def test_every_outstanding_point_is_in_one_stretch(marks, gap):
    found = feed(marks, gap)
    assert sum(one.count for one in found) == marks.count("#")
    assert all(after.first - before.last > gap + 1 for before, after in zip(found, found[1:], strict=False))
