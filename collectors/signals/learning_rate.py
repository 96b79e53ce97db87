"""Learning rate of each parameter group, as the step has used it."""

from __future__ import annotations

import torch
from torch import Tensor

from ..measurement import Measured, Moment, Parts
from ..signal import Signal
from ..step_context import StepContext

_PARTS: dict[tuple[int, int], Parts] = {}  # the same tuple again and again


def by_group(context: StepContext) -> Measured:
    """lr [groups]; groups of a second optimizer are counted on."""
    rates = [group["lr"] for group in context.optimizer.param_groups]
    key = context.first_group, len(rates)
    parts = _PARTS.setdefault(key, tuple(str(context.first_group + i) for i in range(len(rates))))
    if all(isinstance(rate, Tensor) for rate in rates):  # may be on a device: leave them there
        return parts, torch.stack([rate.detach().reshape(()) for rate in rates])
    return parts, [float(rate) for rate in rates]


lr = Signal(
    "lr", by_group, "Learning rate that the step has used", title="Learning rate", axes=("group",),
    moment=Moment.BEFORE, remedy="pass the optimizer to watch",
)  # fmt: skip
