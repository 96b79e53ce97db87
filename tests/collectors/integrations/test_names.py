"""What a value is by its name."""

from __future__ import annotations

import doctest

from barograph.collectors.integrations import _names
from barograph.collectors.integrations._names import place


def test_the_examples_of_names():
    found = doctest.testmod(_names)
    assert found.attempted > 0 and found.failed == 0


def test_the_first_name_of_a_meaning_has_it():
    assert place("train_loss").key == "loss" and place("loss", {"loss"}).key == "logged_loss"
    assert place("step") is None and place("epoch").key == "epoch"
