"""Values that could not be written: a chart with holes has to say so itself."""

from __future__ import annotations

from ..measurement import Measured
from ..signal import Price, Signal
from ..step_context import StepContext


def count(context: StepContext) -> Measured:
    """Count since the watch began; None while nothing was lost."""
    return float(context.dropped) if context.dropped else None


dropped = Signal(
    "dropped", count, "Values that could not be written since the watch began", title="Values lost", better="lower",
    price=Price.GLANCE, of_run=True, remedy="nothing was lost",
)  # fmt: skip
