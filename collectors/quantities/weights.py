"""Norms and a sample of the weights, as they are before or after the step."""

from __future__ import annotations

from torch import Tensor

from ..numerics.norms import l2
from ..step_context import StepContext, of_weights


@of_weights
def weight_norms(context: StepContext) -> Tensor:
    """Of each tensor that has a gradient, at the moment it is first asked for [len(names)]."""
    return l2(context.weights)


@of_weights
def sampled_weights(context: StepContext) -> Tensor:
    """A fixed sample of the weights, at the moment it is first asked for."""
    return context.layout.sample.of(context.layout.weights())
