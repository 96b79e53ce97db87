"""How many heads rest on the first token: that comes with training and is no fault, though their entropy is low."""

from __future__ import annotations

from torch import Tensor

from ..signal import Price, Signal
from ..step_context import Seen

SINK = 0.3  # of the weight


def measure(seen: Seen) -> Tensor | None:
    """share of (layer, head) with alpha_1 > 0.3, 0-d, alpha_1 being `attn_first` (Gu et al., arXiv:2410.10781)."""
    found = seen.board and seen.board.heads("first")
    return (found[1] > SINK).float().mean() if found else None


signal = Signal(
    "attn_sink_rate", measure, "Share of heads whose mean weight on the first token is above 0.3",
    price=Price.LOOK, of_run=True,
)  # fmt: skip
