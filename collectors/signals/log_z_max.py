"""The largest log Z: one position whose output logits run away shows here before it moves the mean."""

from __future__ import annotations

from torch import Tensor

from ..signal import Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Tensor | None:
    """max_i of log Z_i = log sum_c exp(logit_ic), 0-d, nats, over up to 512 positions of each batch."""
    return seen.board and seen.board.output("log_z_max")


signal = Signal(
    "log_z_max", measure, "Largest log of the softmax normaliser of the output, over up to 512 positions of each batch",
    unit="nats", better="lower", price=Price.LOOK, of_run=True, across="max",
)  # fmt: skip
