"""The plan as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..future import Future, FutureKind, Questions, Start
from ..schedule import Schedule


@dataclass(frozen=True)
class Keep(Future):
    """Nothing changes."""

    word: ClassVar[str] = "keep"

    def arguments(self) -> tuple[str, ...]:
        return ()

    @property
    def label(self) -> str:
        return "keep the plan"

    def apply(self, start: Start) -> Schedule:
        return start.schedule


def parse(arguments: Sequence[str]) -> Keep:
    return Keep()


def ask(start: Start) -> Questions:
    return Keep()
    yield


KIND = FutureKind("keep", "Keep the plan", parse, ask, 0)
