"""The path of the weights: how far they are from where they began, and whether successive updates agree.

Estimated from about 4,096 coordinates, the same at each step (`numerics/weight_sample.py`).
"""

from __future__ import annotations

from ..measurement import Measured
from ..quantities.weights import sampled_weights
from ..signal import Price, Signal
from ..step_context import StepContext

REMEDY = 'pass the optimizer to watch, with preset="standard" or "full"'


def distance(context: StepContext) -> Measured:
    """|w_t - w_0|, 0-d: in a healthy run it grows with the logarithm of the steps (arXiv:1705.08741).

    w_0 is where the weights were when the watch began, or when parameters joined last: a run that is resumed begins
    anew. Where the line in log t bends something has changed.
    """
    return context.layout.sample.distance(sampled_weights(context))


def cosine(context: StepContext) -> Measured:
    """cos(w_t - w_s, w_s - w_r), 0-d, with r, s, t the last three steps at which it was measured, 10 steps apart.

    Near -1 the weights jump from one wall of a valley to the other.
    """
    return context.layout.sample.turn(sampled_weights(context))


init_distance = Signal(
    "init_distance", distance, "Distance of the weights from where the watch began, estimated from 4,096 of them",
    title="Distance from initialization", price=Price.TREND, of_tensors=True, remedy=REMEDY,
)  # fmt: skip
update_cosine = Signal(
    "update_cosine", cosine, "Cosine between the weights' movement since the last measurement and that before it",
    title="Cosine of successive updates", price=Price.TREND, of_tensors=True, remedy=REMEDY,
)  # fmt: skip
