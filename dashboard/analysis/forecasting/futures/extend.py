"""What is left of the plan, stretched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .....errors import CannotForecast
from ..future import AskNumber, Future, FutureKind, Questions, Start
from ..schedule import Schedule
from ._shapes import append

KNOTS = 2000


def extend(schedule: Schedule, at: int, total: int) -> Schedule:
    """Stretch what is left of the plan after `at` so that it ends at step `total`."""
    if total <= at:
        raise CannotForecast(f"the new end {total} must lie after step {at}")
    later = np.arange(at + 1, schedule.total + 1)[:: max(1, (schedule.total - at) // KNOTS)]
    later = np.union1d(later, [schedule.total])
    new = at + (later - at) * (total - at) / (schedule.total - at)
    return append(schedule, at, new, schedule.eta[later - 1])


@dataclass(frozen=True)
class Extend(Future):
    """The rest of the plan ends at step `total`."""

    total: int

    word: ClassVar[str] = "extend"

    def arguments(self) -> tuple[str, ...]:
        return (str(self.total),)

    @property
    def label(self) -> str:
        return f"stretch to step {self.total:,}"

    def apply(self, start: Start) -> Schedule:
        if start.schedule.total <= start.at:
            raise CannotForecast("the plan ends here, nothing is left to stretch; hold or decay instead")
        return extend(start.schedule, start.at, self.total)


def parse(arguments: Sequence[str]) -> Extend:
    return Extend(int(arguments[0]))


def ask(start: Start) -> Questions:
    least = start.at + 3
    return Extend(int((yield AskNumber("Total steps", least, None, max(int(1.5 * start.schedule.total), least)))))


KIND = FutureKind("extend", "Stretch the plan", parse, ask, 3)
