"""Loss scale of mixed-precision training: its collapse led the explosion of a published 130B run by 30 steps."""

from __future__ import annotations

from torch import Tensor

from ..signal import Moment, Signal
from ..step_context import Seen


def measure(seen: Seen) -> float | Tensor | None:
    """What this step's loss was multiplied by, 0-d; None without a gradient scaler (GLM-130B, arXiv:2210.02414)."""
    if seen.scaler is None:
        return None
    scale = getattr(seen.scaler, "_scale", None)  # get_scale() would wait for the device
    return scale.detach().clone().reshape(()) if isinstance(scale, Tensor) else None


signal = Signal(
    "loss_scale", measure, "Factor of the loss in mixed-precision training", moment=Moment.BEFORE, of_run=True
)
