"""How much each module's weights change in a step: few modules change more across tasks than within one."""

from __future__ import annotations

from ..numerics.drift import Drift
from ..signal import Measured, Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Measured:
    """(1 / |w|) sum |w_t - w_s| / (t - s) [modules], s the step of the last look, |w| the number of elements.

    Its level after a change of task against the usual one ranks the modules that are specific to tasks: norms and heads
    often, and fine-tuning these alone mends much of the forgetting. Estimated from up to 256 coordinates a tensor
    (collectors/numerics/drift.py). Source: Zhao et al. 2023.
    """
    drift = seen.layout.keep(Drift)
    values = drift.per_step(seen)
    return None if values is None else (drift.modules, values)


signal = Signal(
    "module_change", measure, "Mean absolute change of a weight in a step, by module",
    axes=("module",), price=Price.DEEP, of_tensors=True,
)  # fmt: skip
