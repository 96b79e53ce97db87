"""How often data are worth repeating."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..allocation import epochs_worth
from ..estimate import settled_by, told
from ..fit import Fitted
from ..question import Asking, Question, QuestionKind


@dataclass(frozen=True)
class Repeats(Question):
    """The passes over the data up to which a repeated token is worth a half, and a tenth, of a fresh one."""

    word: ClassVar[str] = "repeats"

    def arguments(self) -> tuple[str, ...]:
        return ()

    @property
    def label(self) -> str:
        return "Repeating data"

    def apply(self, fitted: Fitted) -> str:
        found = [epochs_worth(fitted, least) for least in (0.5, 0.1)]
        half, tenth = (told(one, "{:.1f}".format) for one in found)
        return (
            f"up to {half} passes a repeated token is worth at least half of a fresh one, up to {tenth} a tenth."
            + settled_by(fitted, *found)
        )


def parse(arguments: Sequence[str]) -> Repeats:
    return Repeats()


def fits(fitted: Fitted) -> bool:
    return "R_D" in fitted.law.parameters


def ask(fitted: Fitted, point: Mapping[str, float]) -> Asking:
    yield from ()
    return Repeats()


KIND = QuestionKind("repeats", parse, fits, ask, 5)
