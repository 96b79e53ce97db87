"""Where the output logits drift to: the loss is blind to a drift of all of them, until precision gives out."""

from __future__ import annotations

from torch import Tensor

from ..signal import Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Tensor | None:
    """mean_i of log Z_i = log sum_c exp(logit_ic), 0-d, nats, over up to 512 positions of each batch.

    It stays near 0 under z-loss; without, it may drift either way (Wortsman et al., arXiv:2309.14322).
    """
    return seen.board and seen.board.output("log_z_mean")


signal = Signal(
    "log_z_mean", measure, "Mean log of the softmax normaliser of the output, over up to 512 positions of each batch",
    unit="nats", price=Price.LOOK, of_run=True,
)  # fmt: skip
