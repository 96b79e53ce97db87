"""Gradient size against Adam's epsilon: near 1 the steps shrink and training stalls under a perfectly calm plot."""

from __future__ import annotations

import torch

from ..signal import Measured, Moment, NotMeasured, Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Measured:
    """sqrt(mean over the tensor's elements of g^2) / eps [tensors], g as the optimizer receives it.

    Under about 10 epsilon is no longer small beside sqrt(v) (arXiv:2309.14322). Raises NotMeasured where the optimizer
    has no epsilon of that meaning.
    """
    if not seen.rows:
        return None
    groups = [seen.optimizer.param_groups[seen.layout.group_of[row]] for row in seen.rows]
    if not all("betas" in group and isinstance(group.get("eps"), float) and group["eps"] > 0 for group in groups):
        raise NotMeasured(f"{type(seen.optimizer).__name__} has no epsilon beside a second moment here")
    floors = [group["eps"] * max(1, g.numel()) ** 0.5 for group, g in zip(groups, seen.grads, strict=True)]
    return seen.names, seen.grad_norms / torch.tensor(floors, dtype=seen.grad_norms.dtype, device=seen.layout.device)


signal = Signal(
    "grad_rms_to_eps", measure, "Root mean square of each parameter's gradient over the optimizer's epsilon",
    axes=("parameter",), better="higher", moment=Moment.BEFORE, price=Price.SWEEP, of_tensors=True,
)  # fmt: skip
