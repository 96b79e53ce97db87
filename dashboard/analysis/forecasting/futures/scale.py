"""The plan at another height from here on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .....errors import CannotForecast
from ..future import AskNumber, Future, FutureKind, Questions, Start
from ..schedule import Schedule
from .knots import piecewise

PLACES = 1000


def another_peak(schedule: Schedule, factor: float) -> Schedule:
    """The same plan at `factor` times the LR: for a run that has not started."""
    if factor <= 0:
        raise CannotForecast(f"the LR can only be multiplied by something above 0, got {factor}")
    return Schedule(schedule.steps, schedule.lr * factor, schedule.warmup)


@dataclass(frozen=True)
class Scale(Future):
    """`factor` times the planned learning rate from here on."""

    factor: float

    word: ClassVar[str] = "scale"

    def arguments(self) -> tuple[str, ...]:
        return (f"{self.factor:g}",)

    @property
    def label(self) -> str:
        return f"{self.factor:g} x the learning rate"

    def apply(self, start: Start) -> Schedule:
        schedule = start.schedule
        if schedule.total <= start.at or self.factor <= 0:
            raise CannotForecast("another peak needs a plan that goes on from here, and a factor above 0")
        later = np.unique(np.linspace(start.at + 1, schedule.total, PLACES).astype(int))
        return piecewise(schedule, start.at, later, self.factor * schedule.eta[later - 1])


def parse(arguments: Sequence[str]) -> Scale:
    return Scale(float(arguments[0]))


def ask(start: Start) -> Questions:
    return Scale(float((yield AskNumber("Times the learning rate", 0.01, 100.0, 0.5, whole=False))))


KIND = FutureKind("scale", "Another peak from here on", parse, ask, 4)
