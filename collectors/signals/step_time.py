"""Seconds from the end of one optimizer step to the end of the next, everything in between included."""

from __future__ import annotations

from ..signal import Signal
from ..step_context import Seen


def measure(seen: Seen) -> float | None:
    """step_time(t) [s] = end(t) - end(t - 1) on the host's clock.

    Data loading and evaluation between two steps are in it. On an accelerator the host runs ahead of the device, so a
    single value may be early or late; over many steps the sum is right.
    """
    return seen.pulse.step_time


signal = Signal(
    "step_time", measure, "Seconds from one step's end to the next, data loading and evaluation included",
    unit="s", better="lower", of_run=True,
)  # fmt: skip
