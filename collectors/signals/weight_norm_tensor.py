"""Norm of each weight: which of them grow without end, which decay to nothing."""

from __future__ import annotations

from ..signal import Measured, Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Measured:
    """|w_i| = sqrt(sum of w_i^2) [tensors], after the step, of the parameters that have a gradient."""
    return (seen.names, seen.shared(seen.weight_norms)) if seen.rows else None


signal = Signal(
    "weight_norm_tensor", measure, "Norm of each trained parameter after the step",
    axes=("parameter",), price=Price.SWEEP, of_tensors=True, across="norm",
)  # fmt: skip
