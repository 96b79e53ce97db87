"""Length of the queries: attention logits grow by the norms of queries and keys, not by the angle between them."""

from __future__ import annotations

from ..signal import Measured, Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Measured:
    """mean_i |q_i| [layers, heads], after rotation and norms, before the scale (Wortsman et al., arXiv:2309.14322)."""
    return seen.board and seen.board.heads("q_norm")


signal = Signal(
    "attn_q_norm", measure, "Mean norm of the queries of each head, in one sequence of each batch",
    axes=("layer", "head"), price=Price.LOOK, of_run=True,
)  # fmt: skip
