"""Times and speeds by a clock that is set by hand."""

from __future__ import annotations

import pytest

from barograph.collectors.recording.step_clock import StepClock
from barograph.collectors.signals import speed
from tests.collectors.one_step import context


def test_times_and_speeds():
    clock = StepClock(started=100.0)
    step = context(clock=clock)
    clock.tick(101.0, 1, 10)
    assert speed.elapsed(step) == 1.0 and speed.seconds(step) is None and speed.tokens(step) is None
    clock.tick(101.5, 2, 30)
    assert speed.seconds(step) == 0.5
    assert speed.steps(step) == pytest.approx(2) and speed.tokens(step) == pytest.approx(40)
