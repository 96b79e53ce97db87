"""What a fitted scaling law can be asked, as one member of `questions/`: read from an address, written, answered."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from ..address import Addressed, known_kinds, parse_address
from .fit import Fitted


class Question(Addressed):
    """One question. `str` gives the word that stands for it in an address; `parse_question` reads it back."""

    @abstractmethod
    def apply(self, fitted: Fitted) -> str:
        """The answer in words, each number with its 90 % interval. Raises CannotForecast where this law has none."""


@dataclass(frozen=True)
class NumberNeeded:
    """A positive number that a question needs, with what is usual; questions that need the same `name` share it."""

    name: str
    title: str
    usual: float


Asking = Generator[NumberNeeded, float, Question]


@dataclass(frozen=True)
class QuestionKind:
    """What a file of `questions/` holds: how a question of this kind is read from an address, and asked for.

    `parse` takes what follows the name; ValueError or IndexError where it cannot be understood. `fits` says whether a
    law can answer. `ask` gets a point, one value a column of the law; it yields the numbers that are missing, each
    answered with a number, and returns the question.
    """

    name: str
    parse: Callable[[Sequence[str]], Question]
    fits: Callable[[Fitted], bool]
    ask: Callable[[Fitted, Mapping[str, float]], Asking]
    order: int = 0  # in a list of answers


@cache
def known_questions() -> Mapping[str, QuestionKind]:
    """Every kind of question by name, in the order in which they are answered."""
    return known_kinds(f"{__package__}.questions", QuestionKind)


def parse_question(text: str) -> Question:
    """The question that an address names. Raises CannotForecast for one that cannot be understood.

    >>> parse_question("split,1e21").label, str(parse_question("point,params:7e9,tokens:1.4e11"))
    ('The best split of 1e+21 FLOPs', 'point,params:7e9,tokens:1.4e11')
    """
    return parse_address(text, known_questions(), "question")
