"""Spelling: numbers, durations, and names from outside that must not become markup."""

import doctest

import pytest

from barograph import formatting as words
from tests.dashboard.made_up import HOSTILE


def test_the_examples_in_the_docstrings():
    assert doctest.testmod(words).failed == 0


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_name_stays_one_short_line_and_no_markup(name):
    plain = words.plain(name)
    assert "\n" not in plain and len(plain) <= 160 and plain
    for position, letter in enumerate(plain):
        if letter in "<[*_`$:":
            assert plain[position - 1] == "\\"


def test_infinities_have_names():
    assert (words.number(float("inf")), words.number(float("-inf")), words.count(float("nan"))) == ("∞", "−∞", "NaN")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "0 s"), (59.9, "59 s"), (60, "1 min"), (3725, "1 h 2 min"), (90000, "1 d 1 h"), (1e10, "115740 d 17 h")],
)
def test_durations_in_words(seconds, text):
    assert words.duration(seconds) == text
