"""Global norm of the gradients that the optimizer receives, where their norm before clipping cannot be known."""

from __future__ import annotations

import torch
from torch import Tensor

from ..signal import Moment, Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Tensor | None:
    """|g| = sqrt(sum over all elements of g^2), 0-d, after whatever clipping; None where `grad_norm` is known."""
    if not seen.rows or seen.grad_norm is not None:
        return None
    return torch.linalg.vector_norm(seen.shared(seen.grad_norms))


signal = Signal(
    "grad_norm_applied", measure, "Global norm of the gradients that the optimizer receives, after clipping",
    moment=Moment.BEFORE, price=Price.PASS, of_tensors=True, across="norm",
)  # fmt: skip
