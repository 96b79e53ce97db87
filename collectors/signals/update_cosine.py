"""Whether successive updates go the same way: near -1 the weights jump from one wall of a valley to the other."""

from __future__ import annotations

from torch import Tensor

from ..signal import Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Tensor | None:
    """cos(w_t - w_s, w_s - w_r), 0-d, with r, s, t the last three steps at which it was looked at.

    Every 10 steps, so of the ways of 10 steps. Estimated from
    about 4,096 coordinates, the same at each step (collectors/numerics/sample.py).
    """
    return seen.layout.sample.turn(seen.sampled)


signal = Signal(
    "update_cosine", measure, "Cosine between the way of the weights since the last look and the way before it",
    price=Price.TREND, of_tensors=True,
)  # fmt: skip
