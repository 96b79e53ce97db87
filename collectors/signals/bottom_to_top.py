"""Whether the lower layers move more than the upper ones: the mark of a stability gap in continued pre-training."""

from __future__ import annotations

from torch import Tensor

from ..numerics.drift import Drift
from ..signal import Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Tensor | None:
    """Mean `module_drift` of the lowest five layers over that of the highest five, 0-d; fewer where there are not ten.

    Above 1.35 while the accuracy of a new domain falls, lower when it recovers. Source: Guo et al. 2024.
    """
    return seen.layout.keep(Drift).bottom_to_top(seen)


signal = Signal(
    "bottom_to_top", measure, "Relative change since the task began, lowest layers over highest",
    price=Price.DEEP, of_tensors=True,
)  # fmt: skip
