"""How often clipping acts: where it always does, the clipping sets the step length and not the learning rate alone."""

from __future__ import annotations

from collections import deque

import torch
from torch import Tensor

from ..signal import Moment, Signal
from ..step_context import Seen
from .clip_coefficient import measure as coefficient

STEPS, TELL = 100, 10


def measure(seen: Seen) -> float | Tensor | None:
    """Share of the last 100 steps (fewer at first) whose clip coefficient was under 1, told at every tenth step.

    None before the first step that calls a clipping; a step after it that calls none has not been clipped.
    """
    last, now = seen.layout.keep(_last_steps), coefficient(seen)
    if now is None and not last:
        return None
    now = 1.0 if now is None else now
    last.append(now.item() if isinstance(now, Tensor) and now.device.type == "cpu" else now)
    if seen.step % TELL:
        return None
    if all(isinstance(c, float) for c in last):
        return sum(c < 1 for c in last) / len(last)
    found = [torch.as_tensor(c, device=seen.layout.device, dtype=torch.float32) for c in last]
    return (torch.stack(found) < 1).float().mean()


def _last_steps() -> deque:
    return deque(maxlen=STEPS)


signal = Signal(
    "clip_fraction", measure, "Share of the last 100 steps at which gradient clipping acted",
    better="lower", moment=Moment.BEFORE,
)  # fmt: skip
