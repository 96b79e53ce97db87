"""The pace of training over the last ten steps."""

from __future__ import annotations

import pytest

from barograph.collectors.recording.step_clock import WINDOW, StepClock


def test_rates_are_of_the_last_steps():
    clock = StepClock(started=10.0)
    assert clock.step is clock.step_time is clock.steps_per_second() is clock.tokens_per_second() is None
    for step in range(30):
        clock.tick(10.0 + (step if step < 20 else 20 + (step - 20) * 0.5), step, 100 * step)
    assert (clock.step, clock.step_time, len(clock.ticks)) == (29, 0.5, WINDOW + 1)
    assert clock.steps_per_second() == pytest.approx(10 / 5.5)
    assert clock.tokens_per_second() == pytest.approx(1000 / 5.5)
