"""Size of what each block puts out: it grows along the residual stream, and from step to step in a sick run."""

from __future__ import annotations

from ..hooks.activations import Activations
from ..signal import Measured, Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> Measured:
    """sqrt(mean over the batch of the block's output^2) [blocks], in the step after each one that is due.

    What counts as a block: collectors/hooks/activations.py. Raises NotMeasured for compiled models.
    """
    activations = seen.layout.keep(Activations)
    if activations.step == seen.step:
        return activations.sizes()
    activations.expect(seen)
    return None


signal = Signal(
    "activation_rms", measure, "Root mean square of what each block puts out",
    axes=("module",), price=Price.RARE, of_run=True, free=lambda seen: seen.layout.keep(Activations).step == seen.step,
)  # fmt: skip
