"""Length of each tensor's step relative to the tensor: about 1e-3 is usual, less stands still, more is unstable."""

from __future__ import annotations

from ..numerics import updates
from ..signal import Measured, Moment, Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Measured:
    """|update_i| / |w_i| [tensors]; the weights as they are when the step can be rebuilt (Adam: new, SGD: old)."""
    return (seen.names, seen.update_norms / seen.weight_norms) if seen.rows else None


signal = Signal(
    "update_ratio_tensor", measure, "Length of each parameter's step relative to the parameter's norm",
    axes=("parameter",), price=Price.SWEEP, of_tensors=True,
    moment=lambda optimizer: updates.moment(optimizer) or Moment.AFTER,
)  # fmt: skip
