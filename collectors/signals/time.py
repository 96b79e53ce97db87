"""Seconds since the run started: the axis on which two machines can be compared."""

from __future__ import annotations

from ..seen import Seen
from ..signal import Signal


def measure(seen: Seen) -> float:
    """time [s] = now - start of the run."""
    return seen.pulse.elapsed


signal = Signal("time", measure, "Seconds since the run started", unit="s", of_run=True)
