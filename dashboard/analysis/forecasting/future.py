"""A learning rate that a run could still get, as one member of `futures/`: read from an address, written, applied."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..address import Addressed, known_kinds, parse_address
from .schedule import Schedule


@dataclass(frozen=True, eq=False)
class GradientNorms:
    """The gradient norms of a run by step; `l1` where they are L1 norms of a run with Adam."""

    values: NDArray[np.float64]
    l1: bool = False


@dataclass(frozen=True, eq=False)
class Start:
    """Where a future begins: the schedule so far and planned, and the step `at` from which it may change."""

    schedule: Schedule
    at: int
    norms: GradientNorms | None = None


class Future(Addressed):
    """One future. `str` gives the word that stands for it in an address; `parse_future` reads it back."""

    @abstractmethod
    def apply(self, start: Start) -> Schedule:
        """The whole schedule, its past unchanged. Raises CannotForecast where this future cannot be."""


@dataclass(frozen=True)
class AskChoice:
    """A question with a few answers."""

    title: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class AskNumber:
    """A question for a number between `low` and `high` (None: without end); `whole` for steps and counts."""

    title: str
    low: float
    high: float | None
    usual: float
    whole: bool = True


@dataclass(frozen=True)
class AskKnots:
    """A question for knots (step, LR), drawn in a table that starts with `knots` or uploaded; answered as CSV."""

    title: str
    knots: tuple[tuple[int, float], ...]


Question = AskChoice | AskNumber | AskKnots
Questions = Generator[Question, str | float, Future]


@dataclass(frozen=True)
class FutureKind:
    """What a file of `futures/` holds: how a future of this kind is read from an address, and asked for.

    `parse` takes what follows the name; ValueError or IndexError where it cannot be understood. `ask` yields one
    question after another, each answered with a word or a number, and returns the future.
    """

    name: str
    title: str
    parse: Callable[[Sequence[str]], Future]
    ask: Callable[[Start], Questions]
    order: int = 0  # in a list to choose from


@cache
def known_futures() -> Mapping[str, FutureKind]:
    """Every kind of future by name, in the order in which they are offered."""
    return known_kinds(f"{__package__}.futures", FutureKind)


def parse_future(text: str) -> Future:
    """The future that an address names. Raises CannotForecast for one that cannot be understood.

    >>> parse_future("decay,linear,5000,0").label, str(parse_future("extend,1500"))
    ('decay now, linear over 5,000 steps', 'extend,1500')
    """
    return parse_address(text, known_futures(), "future")
