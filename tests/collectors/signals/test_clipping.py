"""The clipping coefficient, and how often it is under 1."""

from __future__ import annotations

import pytest

from barograph.collectors.signals import clipping
from tests.collectors.one_step import context


def test_the_coefficient_is_what_the_gradients_were_multiplied_by():
    assert clipping.coefficient(context()) is None
    assert clipping.coefficient(context(clip=0.5)) == pytest.approx(0.5)
    assert clipping.coefficient(context(clip=5.0)) == 1.0


def test_the_share_of_clipped_steps():
    step = context(clip=0.5)
    for step.step in range(1, 8):
        assert clipping.fraction(step) is None
    step.clips = []
    for step.step in range(8, 10):
        step.shared.clear()
        assert clipping.fraction(step) is None
    step.step = 10
    assert clipping.fraction(step) == pytest.approx(0.7)
