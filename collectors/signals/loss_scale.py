"""Loss scale of mixed-precision training: its collapse led the explosion of a published 130B run by 30 steps."""

from __future__ import annotations

from torch import Tensor

from ..measurement import Measured, Moment
from ..signal import Signal
from ..step_context import StepContext


def factor(context: StepContext) -> Measured:
    """What this step's loss was multiplied by, 0-d; None without a gradient scaler (GLM-130B, arXiv:2210.02414)."""
    if context.scaler is None:
        return None
    scale = getattr(context.scaler, "_scale", None)  # get_scale() would wait for the device
    return scale.detach().clone().reshape(()) if isinstance(scale, Tensor) else None


loss_scale = Signal(
    "loss_scale", factor, "Factor of the loss in mixed-precision training", title="Loss scale", moment=Moment.BEFORE,
    of_run=True, remedy="pass the gradient scaler of mixed precision to watch",
)  # fmt: skip
