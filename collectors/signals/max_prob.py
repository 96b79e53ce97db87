"""How certain the model is of its first choice: certainty that grows while the loss does not fall is overconfidence."""

from __future__ import annotations

from torch import Tensor

from ..signal import Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Tensor | None:
    """mean_i of max_c softmax(logit_i)_c, 0-d, over up to 512 positions of each batch (arXiv:2502.07154)."""
    return seen.board and seen.board.output("max_prob")


signal = Signal(
    "max_prob", measure, "Mean probability of the likeliest class, over up to 512 positions of each batch",
    price=Price.LOOK, of_run=True,
)  # fmt: skip
