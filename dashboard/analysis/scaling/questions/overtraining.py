"""What training away from the best split costs: "how much do I pay for a smaller model on more tokens?"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..allocation import cost_of_ratio, trades
from ..estimate import settled_by, told
from ..fit import Fitted
from ..question import Asking, Question, QuestionKind
from ._numbers import nats, positive, written


@dataclass(frozen=True)
class Overtraining(Question):
    """The excess loss and compute of `params` parameters on `tokens` tokens over the best split."""

    params: float
    tokens: float

    word: ClassVar[str] = "overtraining"

    def arguments(self) -> tuple[str, ...]:
        return written(self.params), written(self.tokens)

    @property
    def label(self) -> str:
        return "Over-training"

    def apply(self, fitted: Fitted) -> str:
        cost = cost_of_ratio(fitted, self.params, self.tokens)
        return (
            f"{self.tokens / self.params:.3g} tokens per parameter end {cost.loss.text(nats)} above the best split of "
            f"the same compute, which would reach the same loss with {told(cost.compute, '{:.2f}'.format)} times less "
            "compute." + settled_by(fitted, cost.compute)
        )


def parse(arguments: Sequence[str]) -> Overtraining:
    return Overtraining(positive(arguments[0]), positive(arguments[1]))


def ask(fitted: Fitted, point: Mapping[str, float]) -> Asking:
    yield from ()
    return Overtraining(point["params"], point["tokens"])


KIND = QuestionKind("overtraining", parse, trades, ask, 3)
