"""Gradient norm of each module: one line for a layer where one for each of its tensors would be too many."""

from __future__ import annotations

import torch

from ..signal import Measured, Moment, Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Measured:
    """sqrt(sum over the module's own tensors of |g_i|^2) [modules], before clipping where that is known."""
    if not seen.rows:
        return None
    modules, owner = seen.layout.modules(seen.names)
    norms = seen.shared(seen.unclipped_norms)
    squares = torch.zeros(len(modules), dtype=norms.dtype, device=norms.device)
    return modules, squares.index_add_(0, owner, norms.square()).sqrt()


signal = Signal(
    "grad_norm_module", measure, "Gradient norm of each module's own parameters, before clipping where that is known",
    axes=("module",), moment=Moment.BEFORE, price=Price.SWEEP, of_tensors=True,
    across="norm",
)  # fmt: skip
