"""The columns in which a series' key stands."""

import pytest

from barograph.db.series.keys import from_columns, storable, to_columns


@pytest.mark.parametrize("key", ["loss", ("norm", "layer 3"), ("norm", "a", "b"), "[]", ("x", '"', "损失"), ("x", "")])
def test_a_key_comes_back_from_its_columns(key):
    assert from_columns(*to_columns(key)) == key


def test_half_a_surrogate_pair_can_be_stored():
    assert to_columns(("a\ud800", "b\ud800")) == ("a?", '["b?"]')
    assert storable("🔥") == "🔥" and storable("\ud800x") == "?x"
