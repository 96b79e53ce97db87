"""Time and speed: a loader that falls behind or a slow node shows here first."""

from __future__ import annotations

from ..measurement import Measured
from ..signal import Price, Signal
from ..step_context import StepContext

REMEDY = "pass the optimizer to watch"


def elapsed(context: StepContext) -> Measured:
    """time [s] = now - start of the run: the axis on which two machines can be compared."""
    return context.clock.elapsed


def seconds(context: StepContext) -> Measured:
    """step_time(t) [s] = end(t) - end(t - 1) on the host's clock.

    Data loading and evaluation between two steps are in it. On an accelerator the host runs ahead of the device, so a
    single value may be early or late; over many steps the sum is right.
    """
    return context.clock.step_time


def steps(context: StepContext) -> Measured:
    """n / (end(t) - end(t - n)) with n up to 10 [1/s]."""
    return context.clock.steps_per_second()


def tokens(context: StepContext) -> Measured:
    """(tokens(t) - tokens(t - n)) / (end(t) - end(t - n)) with n up to 10 [1/s]; None where no tokens are logged."""
    return context.clock.tokens_per_second()


time = Signal("time", elapsed, "Seconds since the run started", title="Time", unit="s", of_run=True, remedy=REMEDY)
step_time = Signal(
    "step_time", seconds, "Seconds from one step's end to the next, data loading and evaluation included",
    title="Step time", unit="s", better="lower", of_run=True, remedy=REMEDY,
)  # fmt: skip
steps_per_s = Signal(
    "steps_per_s", steps, "Optimizer steps per second, mean over the last 10 steps", title="Steps per second",
    unit="1/s", better="higher", price=Price.GLANCE, of_run=True, remedy=REMEDY,
)  # fmt: skip
tokens_per_s = Signal(
    "tokens_per_s", tokens, "Tokens per second, mean over the last 10 steps", title="Throughput", unit="1/s",
    better="higher", price=Price.GLANCE, of_run=True, across="sum",
    remedy="log the tokens of each step: run.log(loss=loss, tokens=n)",
)  # fmt: skip
