"""Gradient norm of each tensor: the global norm hides which layer a spike comes from."""

from __future__ import annotations

from ..signal import Measured, Moment, Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Measured:
    """|g_i| = sqrt(sum of g_i^2) [tensors], before clipping where that is known (seen / clip coefficient)."""
    return (seen.names, seen.shared(seen.unclipped_norms)) if seen.rows else None


signal = Signal(
    "grad_norm_tensor", measure, "Gradient norm of each parameter, before clipping where that is known",
    axes=("parameter",), moment=Moment.BEFORE, price=Price.SWEEP, of_tensors=True,
    across="norm",
)  # fmt: skip
