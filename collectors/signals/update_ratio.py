"""Length of the whole step relative to all weights: the one number that says how fast the model really moves."""

from __future__ import annotations

import torch
from torch import Tensor

from ..numerics import updates
from ..signal import Moment, Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Tensor | None:
    """|update| / |w|, 0-d, over all parameters that have a gradient."""
    if not seen.rows:
        return None
    return torch.linalg.vector_norm(seen.update_norms) / torch.linalg.vector_norm(seen.weight_norms)


signal = Signal(
    "update_ratio", measure, "Length of the whole step relative to the norm of all trained weights",
    price=Price.SWEEP, of_tensors=True, moment=lambda optimizer: updates.moment(optimizer) or Moment.AFTER,
)  # fmt: skip
