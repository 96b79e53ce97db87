"""Norms of the weights: steady growth lowers the effective learning rate, a jump says that something broke."""

from __future__ import annotations

import torch

from ..measurement import Measured
from ..quantities.weights import weight_norms
from ..signal import Price, Signal
from ..step_context import StepContext

REMEDY = 'pass the optimizer to watch, with preset="standard" or "full"'


def norm(context: StepContext) -> Measured:
    """|w| = sqrt(sum over all elements of w^2), 0-d, after the step, of the parameters that have a gradient."""
    return torch.linalg.vector_norm(context.rank_share(weight_norms(context))) if context.rows else None


def norm_by_tensor(context: StepContext) -> Measured:
    """|w_i| = sqrt(sum of w_i^2) [tensors], after the step: which of them grow without end, which decay to nothing."""
    return (context.names, context.rank_share(weight_norms(context))) if context.rows else None


weight_norm = Signal(
    "weight_norm", norm, "Norm of all trained weights after the step", title="Weight norm", price=Price.SWEEP,
    of_tensors=True, across="norm", remedy=REMEDY,
)  # fmt: skip
weight_norm_tensor = Signal(
    "weight_norm_tensor", norm_by_tensor, "Norm of each trained parameter after the step",
    title="Weight norm by tensor", axes=("parameter",), price=Price.SWEEP, of_tensors=True, across="norm",
    remedy=REMEDY,
)  # fmt: skip
