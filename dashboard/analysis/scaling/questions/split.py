"""The compute-optimal split of a budget: "how large a model, on how many tokens?"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from .....formatting import count
from ..allocation import best_split, trades
from ..estimate import checked, settled_by, told
from ..fit import Fitted
from ..question import Asking, NumberNeeded, Question, QuestionKind
from ._numbers import nats, positive, written


@dataclass(frozen=True)
class BestSplit(Question):
    """The size and the tokens with the lowest loss for `compute` FLOPs."""

    compute: float

    word: ClassVar[str] = "split"

    def arguments(self) -> tuple[str, ...]:
        return (written(self.compute),)

    @property
    def label(self) -> str:
        return f"The best split of {self.compute:.2g} FLOPs"

    def apply(self, fitted: Fitted) -> str:
        best = best_split(fitted, self.compute)
        size, tokens = told(best.params, count), told(best.tokens, count)
        end = checked(best.loss, nats)
        return f"{size} parameters on {tokens} tokens give {end}." + settled_by(fitted, best.params, best.tokens)


def parse(arguments: Sequence[str]) -> BestSplit:
    return BestSplit(positive(arguments[0]))


def ask(fitted: Fitted, point: Mapping[str, float]) -> Asking:
    return BestSplit((yield NumberNeeded("compute", "Compute C, FLOPs", 6 * point["params"] * point["tokens"])))


KIND = QuestionKind("split", parse, trades, ask, 1)
