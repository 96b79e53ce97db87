"""A signal: what is measured, at which moment of a step, at what price, and what it means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from torch.optim import Optimizer

from .measurement import Measured, Moment
from .step_context import StepContext


class Price(Enum):
    """What one measurement costs; presets choose by it."""

    FREE = "arithmetic on the host, or a scalar that exists already"
    GLANCE = "a system call or two"
    PASS = "the gradients are read once"
    LOOK = "the forward pass is observed while it runs; the signal is measured where there was something to see"
    SWEEP = "weights or optimizer state are read, or one number per tensor is kept"
    BRIEF = "a sweep, of what lasts one step: worth it at every step, or now and then for what goes on"
    TREND = "a sweep, of what changes slowly: every tenth step shows it"
    DEEP = "more than one sweep"
    RARE = "iterations over the weights, or hooks on the forward pass"


@dataclass(frozen=True)
class Signal:
    """One quantity that is recorded; a file in `signals/` holds the signals of one family.

    `measure(context)` returns a number or a 0-d tensor (left on its device: no `.item()`), or, for a signal with axes,
    the parts' names (the same tuple again and again) and one value for each; or None where there is nothing to record.
    `free(context)` says that this step's value costs nothing, so that it is taken at every step whatever the preset.
    A signal of the run is measured once a step, one of the optimizer at the step of each optimizer.

    `title` heads its chart, `sentence` says what it is, `remedy` what to turn on where it is missing.
    """

    name: str
    measure: Callable[[StepContext], Measured]
    sentence: str
    title: str
    unit: str = ""
    better: str = "neither"
    axes: tuple[str, ...] = ()
    moment: Moment | Callable[[Optimizer], Moment] = Moment.AFTER
    price: Price = Price.FREE
    free: Callable[[StepContext], bool] | None = None
    of_run: bool = False
    of_tensors: bool = False  # computed from gradients, weights or state: local to this rank where those are sharded
    across: str = ""  # how the values of many ranks become the run's: "norm", "max", "mean" or "sum"; "": they do not
    remedy: str = ""

    def moment_for(self, optimizer: Optimizer) -> Moment:
        """When it is measured at a step of this optimizer."""
        return self.moment if isinstance(self.moment, Moment) else self.moment(optimizer)
