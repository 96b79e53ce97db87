"""Gradient clipping: by how much it scales, and how often it acts."""

from __future__ import annotations

from collections import deque

import torch
from torch import Tensor

from ..measurement import Measured, Moment
from ..quantities.clipping import clip_coefficients, whole_clip
from ..signal import Signal
from ..step_context import StepContext

STEPS, EVERY = 100, 10  # steps that the share is of, and from one value to the next
REMEDY = "clip the gradients with torch.nn.utils.clip_grad_norm_"


def coefficient(context: StepContext) -> float | Tensor | None:
    """min(1, max_norm / (|g| + 1e-6)), 0-d; the smallest of several calls' ones; None where nothing was clipped.

    A run in which it is always under 1 trains with another learning rate than its schedule says.
    """
    if not context.clips or not context.rows:
        return None
    whole = whole_clip(context)
    if whole is not None and whole.total is not None and whole.total.device.type == "cpu":
        return min(1.0, float(whole.max_norm) / (whole.total.item() + 1e-6))
    found = clip_coefficients(context)
    return found if found is None or found.dim() == 0 else found.min()


def fraction(context: StepContext) -> Measured:
    """Share of the last 100 steps (fewer at first) whose coefficient was under 1, at every tenth step.

    Where clipping always acts, it sets the step length and not the learning rate alone. None before the first step that
    calls a clipping; a step after it that calls none has not been clipped.
    """
    last, now = context.state(_last_steps), coefficient(context)
    if now is None and not last:
        return None
    now = 1.0 if now is None else now
    last.append(now.item() if isinstance(now, Tensor) and now.device.type == "cpu" else now)
    if context.step % EVERY:
        return None
    if all(isinstance(c, float) for c in last):
        return sum(c < 1 for c in last) / len(last)
    found = [torch.as_tensor(c, device=context.layout.device, dtype=torch.float32) for c in last]
    return (torch.stack(found) < 1).float().mean()


def _last_steps() -> deque[float | Tensor]:
    return deque(maxlen=STEPS)


clip_coefficient = Signal(
    "clip_coefficient", coefficient, "Factor by which gradient clipping scaled the gradients; 1 where it did not act",
    title="Clipping coefficient", better="higher", moment=Moment.BEFORE, remedy=REMEDY,
)  # fmt: skip
clip_fraction = Signal(
    "clip_fraction", fraction, "Share of the last 100 steps at which gradient clipping acted",
    title="Share of clipped steps", better="lower", moment=Moment.BEFORE, remedy=REMEDY,
)  # fmt: skip
