"""Share of each tensor's gradient elements that are spikes: one of them, a row, or a layer that wakes up."""

from __future__ import annotations

from ..signal import Measured, Moment, Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Measured:
    """Elements with g^2 / (v_hat + eps^2) over 5,000, of all elements [tensors] (formula: numerics/spikes.py).

    Told at every tenth step; on the host at every step that has a spike.
    """
    return None if seen.spikes is None or seen.spikes.shares is None else (seen.spikes.names, seen.spikes.shares)


signal = Signal(
    "grad_spike_share", measure, "Share of each parameter's elements with g^2 / v over 5,000",
    axes=("parameter",), better="lower", moment=Moment.BEFORE, price=Price.BRIEF, of_tensors=True,
)  # fmt: skip
