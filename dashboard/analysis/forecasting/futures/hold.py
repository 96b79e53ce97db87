"""The learning rate stays as it is, and decays at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from .....errors import CannotForecast
from ..future import AskChoice, AskNumber, Future, FutureKind, Questions, Start
from ..schedule import Schedule
from ._shapes import LOWEST, SHAPES, append
from .decay import decay_now


def hold(schedule: Schedule, at: int, until: int, over: int = 0, kind: str = "linear", to: float = 0.0) -> Schedule:
    """Keep the LR of step `at` and end at step `until`, the last `over` steps of it decaying."""
    if until - over < at:
        raise CannotForecast(f"there is no room for a decay of {over} steps between step {at} and step {until}")
    if until - over == at:
        return decay_now(schedule, at, over, kind, to)
    held = append(schedule, at, [until - over], [schedule.eta[at - 1]])
    return decay_now(held, until - over, over, kind, to) if over else held


@dataclass(frozen=True)
class Hold(Future):
    """Stays until `over` steps before the end at step `until`, then decays."""

    shape: str
    until: int
    over: int

    word: ClassVar[str] = "hold"

    def arguments(self) -> tuple[str, ...]:
        return self.shape, str(self.until), str(self.over)

    @property
    def label(self) -> str:
        return f"hold, decay over the last {self.over:,} steps to {self.until:,}, {self.shape}"

    def apply(self, start: Start) -> Schedule:
        lowest = LOWEST.get(self.shape, 0.0)
        return hold(start.schedule, start.at, self.until, self.over, self.shape, lowest)


def parse(arguments: Sequence[str]) -> Hold:
    return Hold(arguments[0], int(arguments[1]), int(arguments[2]))


def ask(start: Start) -> Questions:
    kind = str((yield AskChoice("Shape", SHAPES)))
    least = start.at + 3
    until = int((yield AskNumber("Total steps", least, None, max(int(1.5 * start.schedule.total), least))))
    left = until - start.at
    over = int((yield AskNumber("Decay over the last", 1, left, max(left // 5, 1))))
    return Hold(kind, until, over)


KIND = FutureKind("hold", "Hold, then decay", parse, ask, 2)
