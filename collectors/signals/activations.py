"""Activations: how large they are along the residual stream, and units that never wake.

Measured in the step after each one that is due, by hooks that are there for that step only.
"""

from __future__ import annotations

from ..hooks.activation_statistics import ActivationStatistics
from ..measurement import Measured
from ..signal import Price, Signal
from ..step_context import StepContext

REMEDY = 'pass the model to watch, with preset="full"; it is not measured where torch.compile is at work'


def _observed(context: StepContext) -> ActivationStatistics | None:
    """What was seen in this step; where it was not observed, the next one will be. Raises NotMeasured."""
    activations = context.state(ActivationStatistics)
    if activations.step == context.step:
        return activations
    activations.expect(context)
    return None


def _free(context: StepContext) -> bool:
    return context.state(ActivationStatistics).step == context.step


def size(context: StepContext) -> Measured:
    """sqrt(mean over the batch of the block's output^2) [blocks]; what counts as a block: `activation_statistics.py`.

    It grows along the residual stream, and from step to step in a sick run. Raises NotMeasured for compiled models.
    """
    observed = _observed(context)
    return None if observed is None else observed.sizes()


def dead(context: StepContext) -> Measured:
    """Inputs of each linear layer under 1 % of its root mean square at all positions [layers], of all its inputs.

    Dead units are paid for and learn nothing. Raises NotMeasured for compiled models.
    """
    observed = _observed(context)
    return None if observed is None else observed.dead()


activation_rms = Signal(
    "activation_rms", size, "Root mean square of each block's output", title="Activation size by block",
    axes=("module",), price=Price.RARE, of_run=True, free=_free, remedy=REMEDY,
)  # fmt: skip
dead_units = Signal(
    "dead_units", dead, "Share of the units before each linear layer that stay near 0 in the whole batch",
    title="Dead units by layer", axes=("module",), better="lower", price=Price.RARE, of_run=True, free=_free,
    remedy=REMEDY,
)  # fmt: skip
