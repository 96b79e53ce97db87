"""Values that could not be written: a chart with holes has to say so itself."""

from __future__ import annotations

from ..signal import Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> float | None:
    """Count since the watch began; None while nothing was lost."""
    return float(seen.dropped) if seen.dropped else None


signal = Signal(
    "dropped", measure, "Values that could not be written since the watch began",
    better="lower", price=Price.GLANCE, of_run=True,
)  # fmt: skip
