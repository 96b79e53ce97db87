"""Tokens per second, where `log(tokens=...)` tells of them: the throughput that batch sizes do not change."""

from __future__ import annotations

from ..signal import Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> object:
    """(tokens(t) - tokens(t - n)) / (end(t) - end(t - n)) with n up to 10 [1/s]."""
    return seen.pulse.tokens_per_second()


signal = Signal(
    "tokens_per_s", measure, "Tokens per second, mean over the last 10 steps",
    unit="1/s", better="higher", price=Price.GLANCE, of_run=True,
)  # fmt: skip
