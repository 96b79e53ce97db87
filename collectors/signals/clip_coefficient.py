"""What clipping multiplied the gradients by: a run where it is always under 1 trains with another learning rate."""

from __future__ import annotations

from torch import Tensor

from ..signal import Moment, Signal
from ..step_context import Seen


def measure(seen: Seen) -> float | Tensor | None:
    """min(1, max_norm / (|g| + 1e-6)), 0-d; the smallest of several calls' ones; None where nothing was clipped."""
    if not seen.clips or not seen.rows:
        return None
    if seen.whole_clip is not None and seen.whole_clip.total.device.type == "cpu":
        return min(1.0, float(seen.whole_clip.max_norm) / (seen.whole_clip.total.item() + 1e-6))
    if seen.coefficients is None:
        return None
    return seen.coefficients if seen.coefficients.dim() == 0 else seen.coefficients.min()


signal = Signal(
    "clip_coefficient", measure, "What gradient clipping multiplied the gradients by; 1 where it did not act",
    better="higher", moment=Moment.BEFORE,
)  # fmt: skip
