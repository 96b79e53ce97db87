"""Global L1 norm of the gradients, which bounds what a sign-like optimizer such as Adam can gain in a step."""

from __future__ import annotations

from torch import Tensor

from ..numerics.norms import l1
from ..signal import Moment, Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Tensor | None:
    """sum over all elements of |g|, 0-d, before clipping; None where clipping was not the same for all tensors."""
    if not seen.rows or not seen.clipping_known:
        return None
    total = l1(seen.grads, seen.layout.scratch)
    total = total if seen.grad_scale is None else total / seen.grad_scale
    if seen.coefficients is None:
        return total
    return total / seen.coefficients if seen.coefficients.dim() == 0 else None


signal = Signal(
    "grad_l1", measure, "Global L1 norm of the gradients before clipping",
    moment=Moment.BEFORE, price=Price.TREND, of_tensors=True,
)  # fmt: skip
