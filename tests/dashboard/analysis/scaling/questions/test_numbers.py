"""Numbers and points as they stand in addresses."""

from __future__ import annotations

import pytest

from barograph.dashboard.analysis.scaling.questions._numbers import point_of, positive, written, written_point


@pytest.mark.parametrize("value", [7e9, 1e21, 0.5, 1e-7, 1.4e11, 123456789012345678901.0, 2.5000001])
def test_a_number_is_written_exactly_and_without_a_plus_sign(value):
    assert positive(written(value)) == value and "+" not in written(value)


@pytest.mark.parametrize("text", ["0", "-1", "inf", "nan", "many", ""])
def test_what_is_no_positive_number_is_refused(text):
    with pytest.raises(ValueError, match="is not a number above 0|could not convert"):
        positive(text)


def test_a_point_is_written_as_it_is_read():
    point = {"params": 7e9, "tokens": 1.4e11}
    assert written_point(point) == ("params:7e9", "tokens:1.4e11") and point_of(written_point(point)) == point
    with pytest.raises(ValueError, match="expected column:value"):
        point_of(())
