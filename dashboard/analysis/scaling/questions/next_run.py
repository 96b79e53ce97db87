"""The next run to make: which one, within a budget, would narrow the forecast of a point most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from .....formatting import count
from ..allocation import trades
from ..design import next_run
from ..fit import Fitted
from ..question import Asking, Question, QuestionKind
from ._numbers import complete, point_of, positive, written, written_point


@dataclass(frozen=True)
class NextRun(Question):
    """The run of at most `compute` FLOPs after which the interval of the loss at `point` is narrowest."""

    compute: float
    point: Mapping[str, float]

    word: ClassVar[str] = "next_run"

    def arguments(self) -> tuple[str, ...]:
        return written(self.compute), *written_point(self.point)

    @property
    def label(self) -> str:
        return f"The next run, within {self.compute:.2g} FLOPs"

    def apply(self, fitted: Fitted) -> str:
        found = next_run(fitted, complete(fitted, self.point), self.compute)
        return (
            f"{count(found.at['params'])} parameters on {count(found.at['tokens'])} tokens ({found.compute:.1e} FLOPs):"
            f" the interval of this point's forecast would shrink to about {100 * found.left:.0f} % of its width"
        )


def parse(arguments: Sequence[str]) -> NextRun:
    return NextRun(positive(arguments[0]), point_of(arguments[1:]))


def ask(fitted: Fitted, point: Mapping[str, float]) -> Asking:
    """Within the largest budget so far."""
    yield from ()
    return NextRun(float(fitted.table.compute.max()), dict(point))


KIND = QuestionKind("next_run", parse, trades, ask, 4)
