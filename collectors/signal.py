"""A signal: what is measured, at which moment of a step, at what price, and what it means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from torch import Tensor
from torch.optim import Optimizer

if TYPE_CHECKING:
    from .step_context import Seen

Parts = tuple[str | tuple[str, ...], ...]  # a part of several axes: a name for each
Measured = float | Tensor | tuple[Parts, list[float] | Tensor] | None


class Moment(Enum):
    """When a signal is measured."""

    BEFORE = "before the step: gradients as the optimizer receives them, weights and optimizer state still old"
    AFTER = "after the step: weights and optimizer state are new"


class Price(Enum):
    """What one measurement costs; presets choose by it."""

    FREE = "arithmetic on the host, or a scalar that exists already"
    GLANCE = "a system call or two"
    PASS = "the gradients are read once"
    LOOK = "the forward pass is looked at while it runs; the signal is measured where there was something to see"
    SWEEP = "weights or optimizer state are read, or one number per tensor is kept"
    BRIEF = "a sweep, of what lasts one step: worth it at every step, or now and then for what goes on"
    TREND = "a sweep, of what changes slowly: every tenth step tells it"
    DEEP = "more than one sweep"
    RARE = "iterations over the weights, or hooks on the forward pass"


class NotMeasured(Exception):
    """Raised by a signal that has no rule for what it sees: it is switched off, and the run says so in one sentence."""


@dataclass(frozen=True)
class Signal:
    """One file in `signals/` holds one of these, called `signal`.

    `measure(seen)` returns a number or a 0-d tensor (left on its device: no `.item()`), or, for a signal with axes,
    the parts' names (the same tuple again and again) and one value for each; or None where there is nothing to say.
    `free(seen)` says that this step's value costs nothing, so that it is taken at every step whatever the preset.
    A signal of the run is measured once a step, one of the optimizer at the step of each optimizer.
    """

    name: str
    measure: Callable[[Seen], Measured]
    sentence: str
    unit: str = ""
    better: str = "neither"
    axes: tuple[str, ...] = ()
    moment: Moment | Callable[[Optimizer], Moment] = Moment.AFTER
    price: Price = Price.FREE
    free: Callable[[Seen], bool] | None = None
    of_run: bool = False
    of_tensors: bool = False  # computed from gradients, weights or state: local to this rank where those are sharded
    across: str = ""  # how the values of many ranks become the run's: "norm", "max" or "mean"; "": they do not
