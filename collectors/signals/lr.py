"""Learning rate of each parameter group, as the step has used it."""

from __future__ import annotations

import torch
from torch import Tensor

from ..signal import Measured, Moment, Parts, Signal
from ..step_context import Seen

_PARTS: dict[tuple[int, int], Parts] = {}  # the same tuple again and again


def measure(seen: Seen) -> Measured:
    """lr [groups]; groups of a second optimizer are counted on."""
    rates = [group["lr"] for group in seen.optimizer.param_groups]
    key = seen.first_group, len(rates)
    parts = _PARTS.setdefault(key, tuple(str(seen.first_group + i) for i in range(len(rates))))
    if all(isinstance(rate, Tensor) for rate in rates):  # may be on a device: leave them there
        return parts, torch.stack([rate.detach().reshape(()) for rate in rates])
    return parts, [float(rate) for rate in rates]


signal = Signal("lr", measure, "Learning rate that the step has used", axes=("group",), moment=Moment.BEFORE)
