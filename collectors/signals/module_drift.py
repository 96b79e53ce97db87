"""How far each module has come since its task began: which ones a new task takes apart."""

from __future__ import annotations

from ..numerics.drift import Drift
from ..signal import Measured, Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Measured:
    """mean |w_t - w_b| / mean |w_b| [modules], b the step at which the task (without tasks: the watch) began.

    Relative to the weights, so that it ranks modules otherwise than `module_change`, which is per weight. Estimated
    from up to 256 coordinates a tensor (collectors/numerics/drift.py). Source: Guo et al. 2024.
    """
    drift = seen.layout.keep(Drift)
    values = drift.since(seen)
    return drift.modules, values


signal = Signal(
    "module_drift", measure, "Change of each module since its task began, relative to its weights",
    axes=("module",), price=Price.DEEP, of_tensors=True,
)  # fmt: skip
