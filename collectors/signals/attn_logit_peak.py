"""Largest attention logit of the whole model: one line whose growth announces a divergence."""

from __future__ import annotations

from torch import Tensor

from ..signal import Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Tensor | None:
    """max over layers and heads of `attn_logit_max`, 0-d; NaN where one is."""
    found = seen.board and seen.board.heads("peak")
    return found[1].amax() if found else None


signal = Signal(
    "attn_logit_peak", measure, "Largest absolute attention logit over all layers and heads",
    better="lower", price=Price.LOOK, of_run=True, across="max",
)  # fmt: skip
