"""The learning rate decays from now on: "what would I get if I stopped here?"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .....errors import CannotForecast
from ..future import AskChoice, AskNumber, Future, FutureKind, Questions, Start
from ..schedule import Schedule
from ._shapes import LOWEST, POINTS, SHAPES, append, shape


def decay_now(schedule: Schedule, at: int, over: int, kind: str = "linear", to: float = 0.0) -> Schedule:
    """Decay from step `at` over `over` steps to `to` times the peak."""
    if over < 1:
        raise CannotForecast(f"a decay needs at least 1 step, got {over}")
    u = np.arange(1, over + 1) / over if over <= POINTS else np.linspace(0, 1, POINTS + 1)[1:]
    return append(schedule, at, at + u * over, shape(kind, u, float(schedule.eta[at - 1]), to * schedule.peak))


@dataclass(frozen=True)
class Decay(Future):
    """Decays from now over `over` steps to `to` times the peak."""

    shape: str
    over: int
    to: float = 0.0

    word: ClassVar[str] = "decay"

    def arguments(self) -> tuple[str, ...]:
        return self.shape, str(self.over), f"{self.to:g}"

    @property
    def label(self) -> str:
        return f"decay now, {self.shape} over {self.over:,} steps"

    def apply(self, start: Start) -> Schedule:
        return decay_now(start.schedule, start.at, self.over, self.shape, self.to)


def parse(arguments: Sequence[str]) -> Decay:
    return Decay(arguments[0], int(arguments[1]), float(arguments[2]))


def ask(start: Start) -> Questions:
    kind = str((yield AskChoice("Shape", SHAPES)))
    over = int((yield AskNumber("Over steps", 1, None, max(start.at // 5, 1))))
    to = float((yield AskNumber("Down to (share of the peak)", 0.0, 1.0, LOWEST.get(kind, 0.0), whole=False)))
    return Decay(kind, over, to)


KIND = FutureKind("decay", "Decay now", parse, ask, 1)
