"""The loss of one run: "what would this size and these tokens give?"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..estimate import checked
from ..fit import Fitted
from ..question import Asking, Question, QuestionKind
from ._numbers import complete, nats, point_of, written_point


@dataclass(frozen=True)
class Point(Question):
    """The final loss at `point`: one value for each column of the law."""

    point: Mapping[str, float]

    word: ClassVar[str] = "point"

    def arguments(self) -> tuple[str, ...]:
        return written_point(self.point)

    @property
    def label(self) -> str:
        return "This point"

    def apply(self, fitted: Fitted) -> str:
        at = {name: np.array([value]) for name, value in complete(fitted, self.point).items()}
        return f"a single run ends at {checked(fitted.predict(at)[0], nats)}"


def parse(arguments: Sequence[str]) -> Point:
    return Point(point_of(arguments))


def fits(fitted: Fitted) -> bool:
    return True


def ask(fitted: Fitted, point: Mapping[str, float]) -> Asking:
    yield from ()
    return Point(dict(point))


KIND = QuestionKind("point", parse, fits, ask, 0)
