"""What it takes to reach a loss: tokens at a size, and the cheapest way there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from .....formatting import count
from ..allocation import cheapest, smallest_loss, tokens_for, trades
from ..estimate import checked, settled_by, told
from ..fit import Fitted
from ..question import Asking, NumberNeeded, Question, QuestionKind
from ._numbers import nats, positive, written


@dataclass(frozen=True)
class Target(Question):
    """What a model of `params` parameters, and the cheapest one, need to reach `loss`."""

    loss: float
    params: float

    word: ClassVar[str] = "target"

    def arguments(self) -> tuple[str, ...]:
        return written(self.loss), written(self.params)

    @property
    def label(self) -> str:
        return "Target loss"

    def apply(self, fitted: Fitted) -> str:
        size, best = count(self.params), cheapest(fitted, self.loss)
        tokens = tokens_for(fitted, self.params, self.loss)
        lines = [
            f"With unlimited data, {size} parameters reach {checked(smallest_loss(fitted, self.params), nats)}.",
            f"Tokens for a loss of {self.loss:.4f}: {told(tokens, count)}.",
        ]
        if best.compute.reachable:
            lines.append(
                f"The cheapest way there: {told(best.params, count)} parameters on {told(best.tokens, count)} tokens, "
                f"{told(best.compute, '{:.2e}'.format)} FLOPs."
            )
        else:
            lines.append("No budget reaches it: it lies below the irreducible loss of this law.")
        return " ".join(lines) + settled_by(fitted, tokens, best.params, best.tokens, best.compute)


def parse(arguments: Sequence[str]) -> Target:
    return Target(positive(arguments[0]), positive(arguments[1]))


def ask(fitted: Fitted, point: Mapping[str, float]) -> Asking:
    return Target((yield NumberNeeded("loss", "Target loss", float(0.97 * fitted.table.loss.min()))), point["params"])


KIND = QuestionKind("target", parse, trades, ask, 2)
