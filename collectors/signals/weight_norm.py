"""Norm of all trained weights: steady growth lowers the effective learning rate, a jump says that something broke."""

from __future__ import annotations

import torch
from torch import Tensor

from ..signal import Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Tensor | None:
    """|w| = sqrt(sum over all elements of w^2), 0-d, after the step, of the parameters that have a gradient."""
    return torch.linalg.vector_norm(seen.shared(seen.weight_norms)) if seen.rows else None


signal = Signal(
    "weight_norm", measure, "Norm of all trained weights after the step", price=Price.SWEEP, of_tensors=True,
    across="norm",
)  # fmt: skip
