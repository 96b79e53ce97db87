"""How far the weights are from where they began: in a healthy run it grows with the logarithm of the steps."""

from __future__ import annotations

from torch import Tensor

from ..signal import Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Tensor:
    """|w_t - w_0|, 0-d, estimated from about 4,096 coordinates, the same at each step (collectors/numerics/sample.py).

    w_0 is where the weights were when the watch began, or when parameters joined last: a run that is resumed begins
    anew. Where the line in log t bends something has changed (arXiv:1705.08741).
    """
    return seen.layout.sample.distance(seen.sampled)


signal = Signal(
    "init_distance", measure, "Distance of the weights from where the watch began, estimated from 4,096 of them",
    price=Price.TREND, of_tensors=True,
)  # fmt: skip
