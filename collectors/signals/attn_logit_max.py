"""Largest attention logit of each head: runs in which it grew past 1e4 diverged, and it grows long before."""

from __future__ import annotations

from ..signal import Measured, Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Measured:
    """max_ij |z_ij| over the visible positions [layers, heads], z_ij = scale * <q_i, k_j> after rotation and norms.

    Of one sequence of each batch; without what an additive mask adds (Wortsman et al., arXiv:2309.14322).
    """
    return seen.board and seen.board.heads("peak")


signal = Signal(
    "attn_logit_max", measure, "Largest absolute attention logit of each head, in one sequence of each batch",
    better="lower", axes=("layer", "head"), price=Price.LOOK, of_run=True, across="max",
)  # fmt: skip
