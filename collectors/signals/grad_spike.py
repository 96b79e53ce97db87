"""Largest gradient element of the step against its own past: the one number that a detector watches."""

from __future__ import annotations

from torch import Tensor

from ..signal import Moment, Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Tensor | None:
    """max over all elements of g^2 / (v_hat + eps^2), 0-d; 1 is usual, 5,000 a spike (see numerics/spikes.py)."""
    return None if seen.spikes is None else seen.spikes.largest.amax()


signal = Signal(
    "grad_spike", measure, "Largest g^2 / v of any gradient element, v the optimizer's second moment before the step",
    better="lower", moment=Moment.BEFORE, price=Price.BRIEF, of_tensors=True,
)  # fmt: skip
