"""Entropy of attention: near 0 a head looks at one key only, whether by grown logits or by a harmless sink."""

from __future__ import annotations

from ..signal import Measured, Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Measured:
    """mean_i of -sum_j p_ij log p_ij [layers, heads], nats; ln(number of visible keys) where attention is even.

    Read it beside `attn_first` and `attn_logit_max`: a sink lowers it too (Gu et al., arXiv:2410.10781).
    """
    return seen.board and seen.board.heads("entropy")


signal = Signal(
    "attn_entropy", measure, "Mean entropy of attention of each head, in one sequence of each batch",
    unit="nats", axes=("layer", "head"), price=Price.LOOK, of_run=True,
)  # fmt: skip
