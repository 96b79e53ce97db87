"""Updates: how far the optimizer moves each tensor and the whole model in one step."""

from __future__ import annotations

import torch
from torch.optim import Optimizer

from ..measurement import Measured, Moment
from ..quantities.update_norms import update_moment, update_norms
from ..quantities.weights import weight_norms
from ..signal import Price, Signal
from ..step_context import StepContext

REMEDY = 'pass Adam, AdamW or SGD to watch, with preset="standard" or "full"'


def norm_by_tensor(context: StepContext) -> Measured:
    """|w_i(t) - w_i(t - 1)| [tensors], rebuilt from the optimizer's state (`quantities/update_norms.py`).

    In large runs it doubles before the loss spikes, while gradient norms follow after.
    """
    return (context.names, context.rank_share(update_norms(context))) if context.rows else None


def ratio(context: StepContext) -> Measured:
    """|update| / |w|, 0-d, over all parameters that have a gradient: how fast the model really moves."""
    if not context.rows:
        return None
    return torch.linalg.vector_norm(update_norms(context)) / torch.linalg.vector_norm(weight_norms(context))


def ratio_by_tensor(context: StepContext) -> Measured:
    """|update_i| / |w_i| [tensors]; the weights as they are when the step can be rebuilt (Adam: new, SGD: old).

    About 1e-3 is usual, less stands still, more is unstable.
    """
    return (context.names, update_norms(context) / weight_norms(context)) if context.rows else None


def moment(optimizer: Optimizer) -> Moment:
    """When this optimizer's step can be rebuilt."""
    return update_moment(optimizer) or Moment.AFTER


update_norm_tensor = Signal(
    "update_norm_tensor", norm_by_tensor, "Length of each parameter's step, rebuilt from the optimizer's state",
    title="Update norm by tensor", axes=("parameter",), moment=moment, price=Price.SWEEP, of_tensors=True,
    across="norm", remedy=REMEDY,
)  # fmt: skip
update_ratio = Signal(
    "update_ratio", ratio, "Length of the whole step relative to the norm of all trained weights",
    title="Update-to-weight ratio", moment=moment, price=Price.SWEEP, of_tensors=True, remedy=REMEDY,
)  # fmt: skip
update_ratio_tensor = Signal(
    "update_ratio_tensor", ratio_by_tensor, "Length of each parameter's step relative to the parameter's norm",
    title="Update-to-weight ratio by tensor", axes=("parameter",), moment=moment, price=Price.SWEEP, of_tensors=True,
    remedy=REMEDY,
)  # fmt: skip
