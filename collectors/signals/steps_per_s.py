"""Optimizer steps per second: a loader that falls behind or a slow node shows here first."""

from __future__ import annotations

from ..signal import Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> float | None:
    """n / (end(t) - end(t - n)) with n up to 10 [1/s]."""
    return seen.pulse.steps_per_second()


signal = Signal(
    "steps_per_s", measure, "Optimizer steps per second, mean over the last 10 steps",
    unit="1/s", better="higher", price=Price.GLANCE, of_run=True,
)  # fmt: skip
