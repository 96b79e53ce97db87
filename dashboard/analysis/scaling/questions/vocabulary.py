"""How many parameters are best spent on the vocabulary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from .....formatting import count
from ..estimate import told
from ..fit import Fitted
from ..parameter_shares import best_vocabulary
from ..question import Asking, NumberNeeded, Question, QuestionKind
from ._numbers import positive, written


@dataclass(frozen=True)
class Vocabulary(Question):
    """The vocabulary parameters with the lowest loss beside `params` others for `compute` FLOPs."""

    params: float
    compute: float

    word: ClassVar[str] = "vocabulary"

    def arguments(self) -> tuple[str, ...]:
        return written(self.params), written(self.compute)

    @property
    def label(self) -> str:
        return "Vocabulary"

    def apply(self, fitted: Fitted) -> str:
        found = told(best_vocabulary(fitted, self.params, self.compute), count)
        return (
            f"beside {count(self.params)} other parameters, {found} are best spent on the vocabulary "
            "(vocabulary size times width)"
        )


def parse(arguments: Sequence[str]) -> Vocabulary:
    return Vocabulary(positive(arguments[0]), positive(arguments[1]))


def fits(fitted: Fitted) -> bool:
    return "vocab_params" in fitted.law.columns


def ask(fitted: Fitted, point: Mapping[str, float]) -> Asking:
    usual = 6 * (point["params"] + point["vocab_params"]) * point["tokens"]
    return Vocabulary(point["params"], (yield NumberNeeded("compute", "Compute C, FLOPs", usual)))


KIND = QuestionKind("vocabulary", parse, fits, ask, 8)
