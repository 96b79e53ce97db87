"""Largest gradient element of each tensor: one element a thousand times its usual size hardly moves the norm."""

from __future__ import annotations

from ..numerics.norms import largest
from ..signal import Measured, Moment, Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Measured:
    """max |g_i| over the elements of each tensor [tensors], before clipping where that is known."""
    if not seen.rows:
        return None
    found = largest(seen.grads)
    found = found if seen.grad_scale is None else found / seen.grad_scale
    return seen.names, found if seen.coefficients is None else found / seen.coefficients


signal = Signal(
    "grad_max_tensor", measure, "Largest gradient element of each parameter, before clipping where that is known",
    axes=("parameter",), moment=Moment.BEFORE, price=Price.DEEP, of_tensors=True,
    across="max",
)  # fmt: skip
