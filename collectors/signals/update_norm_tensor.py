"""Length of each tensor's step: in large runs it doubles before the loss spikes, while gradient norms follow after."""

from __future__ import annotations

from ..numerics import updates
from ..signal import Measured, Moment, Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Measured:
    """|w_i(t) - w_i(t - 1)| [tensors], rebuilt from the optimizer's state (formulas: numerics/updates.py)."""
    return (seen.names, seen.shared(seen.update_norms)) if seen.rows else None


signal = Signal(
    "update_norm_tensor", measure, "Length of each parameter's step, rebuilt from the optimizer's state",
    axes=("parameter",), price=Price.SWEEP, of_tensors=True, across="norm",
    moment=lambda optimizer: updates.moment(optimizer) or Moment.AFTER,
)  # fmt: skip
