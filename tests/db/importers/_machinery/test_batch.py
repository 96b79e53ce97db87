"""Cells of a log as numbers."""

import math

import numpy as np
import pytest

from barograph.db.importers._machinery.batch import Batch, numbers


def test_empty_cells_are_absent_and_what_is_no_number_is_odd():
    found = numbers(np.arange(7), ["1", "", None, "nan", "-inf", "x", "null"])
    assert found.rows.tolist() == [0, 3, 4] and found.odd.tolist() == [5]
    np.testing.assert_array_equal(found.values, [1.0, math.nan, -math.inf])


@pytest.mark.parametrize(
    "cells", [["2024-01-01T00:00:00", "2024-01-01T00:00:01+00:00"], ["2024-01-01 00:00:00Z", "2024-01-01 00:00:01"]]
)
def test_dates_are_seconds_since_1970_where_they_are_asked_for(cells):
    assert numbers(np.arange(2), cells, dates=True).values.tolist() == [1704067200.0, 1704067201.0]
    assert numbers(np.arange(2), cells).odd.tolist() == [0, 1]


def test_an_integer_beyond_float64_is_infinite():
    assert numbers(np.arange(2), [10**400, -(10**400)]).values.tolist() == [math.inf, -math.inf]


def test_a_name_that_is_there_already_gets_a_number():
    batch = Batch(np.arange(2))
    for cells in ([1, 2], [3, 4], [5, 6]):
        batch.put("loss", [0, 1], cells)
    assert {name: column.values.tolist() for name, column in batch.columns.items()} == {
        "loss": [1, 2], "loss (2)": [3, 4], "loss (3)": [5, 6],
    }  # fmt: skip


def test_one_cell_a_row_goes_to_its_column():
    batch = Batch(np.arange(4))
    batch.spread(["a", "b", "c"], np.array([1, 0, 1, 1]), np.array([1.0, 2.0, 3.0, 4.0]))
    assert {name: (c.rows.tolist(), c.values.tolist()) for name, c in batch.columns.items()} == {
        "a": ([1], [2.0]), "b": ([0, 2, 3], [1.0, 3.0, 4.0]),
    }  # fmt: skip
