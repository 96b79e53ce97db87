"""Transfer between tasks."""

import pytest

from barograph.dashboard.analysis.measures import discover
from tests.dashboard.analysis.measures.histories import record

MEASURES = discover()


def test_forward_transfer_keeps_its_sign_and_needs_initialisation():
    visits = [("a", 0, 10), ("b", 10, 20)]
    rows = [(0, "b", 0.5, 100, 0), (10, "a", 0.9, 100, 0), (10, "b", 0.3, 100, 0), (20, "b", 0.9, 100, 0)]
    assert MEASURES["fwt"](record(rows, visits)).value == pytest.approx(-0.2)
    without = MEASURES["fwt"](record(rows[1:], visits))
    assert not without.measured and "initialisation" in without.note


def test_backward_transfer_is_forgetting_with_its_sign_turned():
    rows = [(10, "a", 0.9, 100, 0), (20, "a", 0.6, 100, 0)]
    made = record(rows, [("a", 0, 10), ("b", 10, 20)])
    backward, lost = MEASURES["bwt"](made), MEASURES["forgetting"](made)
    assert backward.value == pytest.approx(-0.3) and backward.per_task == pytest.approx({"a": -0.3})
    assert backward.error == lost.error > 0
