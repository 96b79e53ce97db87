"""A learning rate that a run could still get, as one member of `futures/`: read from an address, written, applied."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ....errors import CannotForecast
from ....plugins import members
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


class Future(ABC):
    """One future. `str` gives the word that stands for it in an address; `parse_future` reads it back."""

    word: ClassVar[str]

    @abstractmethod
    def arguments(self) -> tuple[str, ...]:
        """What follows `word` in the address."""

    @property
    @abstractmethod
    def label(self) -> str:
        """What it is called beside its curve."""

    @abstractmethod
    def apply(self, start: Start) -> Schedule:
        """The whole schedule, its past unchanged. Raises CannotForecast where this future cannot be."""

    def __str__(self) -> str:
        return ",".join((self.word, *self.arguments()))


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
    found = members(f"{__package__}.futures", FutureKind)
    return dict(sorted(found.items(), key=lambda item: item[1].order))


def parse_future(text: str) -> Future:
    """The future that an address names. Raises CannotForecast for one that cannot be understood.

    >>> parse_future("decay,linear,5000,0").label, str(parse_future("extend,1500"))
    ('decay now, linear over 5,000 steps', 'extend,1500')
    """
    name, *arguments = text.split(",")
    kind = known_futures().get(name)
    if kind is None:
        raise CannotForecast(f"unknown future {name[:60]!r}; expected one of {', '.join(known_futures())}")
    try:
        return kind.parse(arguments)
    except (ValueError, IndexError) as error:
        raise CannotForecast(f"the future {text[:60]!r} cannot be understood: {error}") from error
