"""Length of the keys: attention logits grow by the norms of queries and keys, not by the angle between them."""

from __future__ import annotations

from ..signal import Measured, Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Measured:
    """mean_j |k_j| [layers, heads of the keys], after rotation and norms (Wortsman et al., arXiv:2309.14322)."""
    return seen.board and seen.board.heads("k_norm")


signal = Signal(
    "attn_k_norm", measure, "Mean norm of the keys of each head, in one sequence of each batch",
    axes=("layer", "head"), price=Price.LOOK, of_run=True,
)  # fmt: skip
