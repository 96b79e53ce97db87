"""Gradient noise scale: the batch size beyond which larger batches hardly save steps any more."""

from __future__ import annotations

import torch
from torch import Tensor

from ..hooks.gradient_accumulation import GradientAccumulation
from ..measurement import Measured, Moment, NotMeasured
from ..quantities.clipping import clipping_known
from ..quantities.gradient_norms import global_norm
from ..signal import Price, Signal
from ..step_context import StepContext

EVERY, SELDOM = 10, 100  # steps between looks; where steps have one backward pass
LEAST, MEMORY = 5, 50  # looks before a value is recorded; looks that the means reach back


class Means:
    """S and |G|^2, smoothed apart: the mean of their ratios would be far off."""

    def __init__(self) -> None:
        self.accumulation = GradientAccumulation()
        self.every, self.looks = EVERY, 0
        self.sums: Tensor | None = None
        self._counted: Tensor | float = 0.0

    def close(self) -> None:
        self.accumulation.close()

    def add(self, passes: int, small: Tensor, big: Tensor) -> None:
        """Squared norms of the gradient of one micro-batch and of their mean over `passes`; left out if not finite."""
        now = torch.stack([(small - big) / (1 - 1 / passes), (passes * big - small) / (passes - 1)])
        if self.sums is None:
            self.sums, self._counted = torch.zeros_like(now), now.new_zeros(())
        finite = now.isfinite().all()
        self._counted = self._counted + finite
        self.sums = self.sums + torch.where(finite, now - self.sums, 0.0) / self._counted.clamp(1, MEMORY)
        self.looks += 1


def noise(context: StepContext) -> Measured:
    """B = S / |G|^2, 0-d: in tokens where the run logs tokens, else in micro-batches (arXiv:1812.06162).

    With g_1 the gradient of the first of k micro-batches of b tokens and g their mean, each of the means over 50 looks:

        |G|^2 = (k |g|^2 - |g_1|^2) / (k - 1)     S = b (|g_1|^2 - |g|^2) / (1 - 1 / k)

    Looked at in the step after every tenth of eager training that accumulates; g before clipping. Negative, or wild:
    the noise is so much larger than the gradient that it cannot be measured yet (or a gradient scaler is at work that
    `watch` was not given). Backward passes of one step count as micro-batches: of several losses it means nothing.
    Raises NotMeasured for compiled and for sharded or distributed training, where the last pass brings other ranks'
    gradients.
    """
    means = context.state(Means)
    found = means.accumulation.seen() if means.accumulation.is_open else None
    means.close()
    ranks = torch.distributed.is_available() and torch.distributed.is_initialized()
    if context.layout.sharded or context.closure or (ranks and torch.distributed.get_world_size() > 1):
        raise NotMeasured("the gradients of single micro-batches are not to be seen here")
    if context.compiled:
        raise NotMeasured("needs hooks on parameters, which would have torch.compile start anew")
    if context.step % means.every == 0:
        means.accumulation.open(context.layout.params)
    if found is None or not context.rows or not clipping_known(context):
        return None
    passes, first = found
    means.every = EVERY if passes > 1 else SELDOM
    if passes == 1:
        return None
    scale = getattr(context.scaler, "_scale", None)
    first = first if scale is None else first / scale.to(first.device).reshape(())
    norm = global_norm(context)
    if norm is None:
        return None
    means.add(passes, (passes * first).square(), norm.to(first.device).square())
    if means.sums is None or means.looks < LEAST:
        return None
    return means.sums[0] / means.sums[1] * _tokens(context, passes)


def _tokens(context: StepContext, passes: int) -> float | Tensor:
    """Tokens of a micro-batch, from those of the last steps; 1 where the run does not tell of tokens."""
    ticks = context.clock.ticks
    if len(ticks) < 2 or ticks[0][2] is None or ticks[-1][2] is None:
        return 1.0
    return (ticks[-1][2] - ticks[0][2]) / (ticks[-1][1] - ticks[0][1]) / passes


noise_scale = Signal(
    "noise_scale", noise, "Gradient noise scale, in tokens; in micro-batches where no tokens are logged",
    title="Gradient noise scale", moment=Moment.BEFORE, price=Price.SWEEP,
    free=lambda context: context.state(Means).accumulation.is_open,
    remedy='accumulate gradients over micro-batches, in eager mode, with preset="standard" or "full"',
)  # fmt: skip
