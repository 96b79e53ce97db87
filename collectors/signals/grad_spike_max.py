"""Largest gradient element of each tensor against its own past: one in a million hardly moves a norm."""

from __future__ import annotations

from ..signal import Measured, Moment, Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Measured:
    """max over the elements of g^2 / (v_hat + eps^2) [tensors]; 1 is usual, 5,000 a spike (numerics/spikes.py)."""
    return None if seen.spikes is None else (seen.spikes.names, seen.spikes.largest)


signal = Signal(
    "grad_spike_max", measure, "Largest g^2 / v of each parameter's elements, v the second moment before the step",
    axes=("parameter",), better="lower", moment=Moment.BEFORE, price=Price.BRIEF, of_tensors=True,
)  # fmt: skip
