"""WSD-S: the learning rate decays and jumps back up, again and again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .....errors import CannotForecast
from ..future import AskNumber, Future, FutureKind, Questions, Start
from ..schedule import Schedule
from ._shapes import append, shape


def cycles(schedule: Schedule, at: int, ends: Sequence[int], over: float = 0.1, to: float = 0.1) -> Schedule:
    """Hold the LR, decay before each of `ends` (the last `over` of each stretch) to `to`, and jump back up.

    Source: "Understanding Warmup-Stable-Decay Learning Rates", arXiv 2410.05192; its decay is inverse.
    """
    high, steps, lr, begin = float(schedule.eta[at - 1]), [], [], at
    for end in ends:
        length = max(int(over * (end - begin)), 2)
        if end <= begin + 2:
            raise CannotForecast(f"the ends of cycles must increase and lie after step {at}, got {list(ends)}")
        u = np.linspace(0, 1, min(length, 100) + 1)
        if begin + 1 < end - length:
            steps.append(np.array([begin + 1.0]))
            lr.append(np.array([high]))
        steps.append(end - length + u * length)
        lr.append(shape("inverse", u, high, to * schedule.peak))
        begin = end
    knots, rates = np.concatenate(steps), np.concatenate(lr)
    keep = knots > at
    return append(schedule, at, knots[keep], rates[keep])


@dataclass(frozen=True)
class Cycles(Future):
    """`count` equal cycles up to step `until`, the last `over` of each decaying."""

    count: int
    until: int
    over: float

    word: ClassVar[str] = "cycles"

    def arguments(self) -> tuple[str, ...]:
        return str(self.count), str(self.until), f"{self.over:g}"

    @property
    def label(self) -> str:
        return f"{self.count} cycles to step {self.until:,}"

    def apply(self, start: Start) -> Schedule:
        ends = np.linspace(start.at, self.until, self.count + 1)[1:].astype(int)
        return cycles(start.schedule, start.at, ends.tolist(), self.over)


def parse(arguments: Sequence[str]) -> Cycles:
    return Cycles(int(arguments[0]), int(arguments[1]), float(arguments[2]))


def ask(start: Start) -> Questions:
    count = int((yield AskNumber("Cycles", 1, 20, 3)))
    least = start.at + 3 * count + 3
    until = int((yield AskNumber("Total steps", least, None, max(int(1.5 * start.schedule.total), least))))
    over = float((yield AskNumber("Share of a cycle that decays", 0.02, 0.9, 0.1, whole=False)))
    return Cycles(count, until, over)


KIND = FutureKind("cycles", "Cycles (WSD-S)", parse, ask, 5)
