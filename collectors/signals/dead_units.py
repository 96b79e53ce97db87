"""Share of a layer's units that nothing in the batch wakes: they are paid for and learn nothing."""

from __future__ import annotations

from ..hooks.activations import Activations
from ..signal import Measured, Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Measured:
    """Inputs of each linear layer under 1 % of its root mean square at all positions [layers], of all its inputs.

    In the step after each one that is due. Which units that are: hooks/activations.py. Raises NotMeasured for
    compiled models.
    """
    activations = seen.layout.keep(Activations)
    if activations.step == seen.step:
        return activations.dead()
    activations.expect(seen)
    return None


signal = Signal(
    "dead_units", measure, "Share of the units before each linear layer that stay near 0 in the whole batch",
    axes=("module",), better="lower", price=Price.RARE, of_run=True,
    free=lambda seen: seen.layout.keep(Activations).step == seen.step,
)  # fmt: skip
