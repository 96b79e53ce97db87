"""Output logits: their drift, to which the loss is blind until precision gives out, and how certain the model is.

Over up to 512 positions of each batch, with log Z_i = log sum_c exp(logit_ic) in nats.
"""

from __future__ import annotations

from ..measurement import Measured
from ..signal import Price, Signal
from ..step_context import StepContext

REMEDY = "pass the output logits: run.logits(logits)"


def _output(context: StepContext, what: str) -> Measured:
    return None if context.forward is None else context.forward.output(what)


def log_z_largest(context: StepContext) -> Measured:
    """max_i of log Z_i, 0-d: one position whose logits run away shows here before it moves the mean."""
    return _output(context, "log_z_max")


def log_z_average(context: StepContext) -> Measured:
    """mean_i of log Z_i, 0-d: near 0 under z-loss; without, it may drift either way (arXiv:2309.14322)."""
    return _output(context, "log_z_mean")


def certainty(context: StepContext) -> Measured:
    """mean_i of max_c softmax(logit_i)_c, 0-d: growing while the loss does not fall is overconfidence (2502.07154)."""
    return _output(context, "max_prob")


log_z_max = Signal(
    "log_z_max", log_z_largest,
    "Largest log of the softmax normalizer of the output, over up to 512 positions of each batch",
    title="Largest log Z of the output", unit="nats", better="lower", price=Price.LOOK, of_run=True, across="max",
    remedy=REMEDY,
)  # fmt: skip
log_z_mean = Signal(
    "log_z_mean", log_z_average,
    "Mean log of the softmax normalizer of the output, over up to 512 positions of each batch",
    title="Mean log Z of the output", unit="nats", price=Price.LOOK, of_run=True, remedy=REMEDY,
)  # fmt: skip
max_prob = Signal(
    "max_prob", certainty, "Mean probability of the likeliest class, over up to 512 positions of each batch",
    title="Probability of the likeliest class", price=Price.LOOK, of_run=True, remedy=REMEDY,
)  # fmt: skip
