"""Seconds since the run started: the axis on which two machines can be compared."""

from __future__ import annotations

from ..signal import Signal
from ..step_context import Seen


def measure(seen: Seen) -> float:
    """time [s] = now - start of the run."""
    return seen.pulse.elapsed


signal = Signal("time", measure, "Seconds since the run started", unit="s", of_run=True)
