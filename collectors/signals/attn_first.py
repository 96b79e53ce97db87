"""Weight of attention on the first token: above 0.3 a head has a sink there, which explains a low entropy."""

from __future__ import annotations

from ..signal import Measured, Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Measured:
    """alpha_1 = mean_i of p_i0 [layers, heads], over one sequence of each batch (Gu et al., arXiv:2410.10781)."""
    return seen.board and seen.board.heads("first")


signal = Signal(
    "attn_first", measure, "Mean attention weight of each head on the first token, in one sequence of each batch",
    axes=("layer", "head"), price=Price.LOOK, of_run=True,
)  # fmt: skip
