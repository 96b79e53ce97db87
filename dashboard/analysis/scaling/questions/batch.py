"""Steps and tokens to a loss at a batch size, and the critical batch there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from .....formatting import count
from ..batch_size import smallest_loss_of, steps_to
from ..estimate import checked, told
from ..fit import Fitted
from ..question import Asking, NumberNeeded, Question, QuestionKind
from ._numbers import nats, positive, written


@dataclass(frozen=True)
class BatchSize(Question):
    """What `params` parameters need to reach `loss` with batches of `batch` tokens."""

    loss: float
    params: float
    batch: float

    word: ClassVar[str] = "batch"

    def arguments(self) -> tuple[str, ...]:
        return written(self.loss), written(self.params), written(self.batch)

    @property
    def label(self) -> str:
        return "Batch size"

    def apply(self, fitted: Fitted) -> str:
        path = steps_to(fitted, self.params, self.loss, self.batch)
        return (
            f"At a loss of {self.loss:.4f} the critical batch size is {told(path.critical, count)} tokens. "
            f"What {count(self.params)} parameters need to reach it with a batch of {count(self.batch)} tokens: "
            f"steps {told(path.steps, count)}; tokens {told(path.tokens, count)}. "
            f"With unlimited steps they reach {checked(smallest_loss_of(fitted, self.params), nats)}."
        )


def parse(arguments: Sequence[str]) -> BatchSize:
    return BatchSize(positive(arguments[0]), positive(arguments[1]), positive(arguments[2]))


def fits(fitted: Fitted) -> bool:
    return "B_star" in fitted.law.parameters


def ask(fitted: Fitted, point: Mapping[str, float]) -> Asking:
    loss = yield NumberNeeded("loss", "Target loss", float(1.02 * fitted.table.loss.min()))
    return BatchSize(loss, point["params"], point["batch"])


KIND = QuestionKind("batch", parse, fits, ask, 6)
