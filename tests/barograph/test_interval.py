"""A number with its interval: its words, its units, and what it holds."""

from __future__ import annotations

import math

import numpy as np

from barograph.interval import Band, Interval

LOSS = Interval(3.05, 3.02, 3.0912)


def test_it_holds_what_lies_between_its_ends():
    assert LOSS.holds(3.02) and LOSS.holds(3.05) and not LOSS.holds(3.1) and not LOSS.holds(math.nan)
    assert math.isclose(LOSS.width, 0.0712) and LOSS.level == 0.9


def test_it_is_written_in_one_way_whatever_writes_its_numbers():
    assert str(LOSS) == LOSS.text() == f"{LOSS}" == "3.05 (3.02 to 3.091)"
    assert LOSS.text("{:.4f}".format) == "3.0500 (3.0200 to 3.0912)"
    assert LOSS.span("{:.1f}".format) == "3.0 to 3.1"


def test_what_cannot_be_reached_or_is_not_known_says_so():
    assert Interval(10, 8, math.inf).text(beyond="?") == "10 (8 to ?)"
    assert Interval(math.inf, math.inf, math.inf).text() == "out of reach"
    assert Interval(math.inf, 8, math.inf).text() == "out of reach, at best 8"
    unknown = Interval(math.nan, math.nan, math.nan)
    assert unknown.text() == "–" and not unknown.reachable and not Interval(math.inf, 8, math.inf).reachable


def test_it_changes_its_unit_and_its_sign():
    assert LOSS.map(lambda loss: 2 * loss) == Interval(6.1, 6.04, 6.1824)
    assert -LOSS == Interval(-3.05, -3.0912, -3.02) and (-LOSS).holds(-3.05)


def test_a_band_is_many_of_them():
    band = Band(np.array([1.0, 2.0]), np.array([0.5, 1.5]), np.array([1.5, 2.5]), level=0.5)
    assert len(band) == 2 and band[1] == Interval(2.0, 1.5, 2.5, 0.5)
    assert band.holds(np.array([1.0, 3.0])).tolist() == [True, False]
    assert band.map(np.exp)[0] == Interval(math.e, math.exp(0.5), math.exp(1.5), 0.5)
