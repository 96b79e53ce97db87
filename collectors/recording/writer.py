"""What the collectors need of whatever writes the run down: the store's writer, or one that keeps nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from ...db.records import Description, Evaluation, Event, Finding, Plan, Run
from ..measurement import Part

Key = str | tuple[str, ...]


def part_key(name: str, part: Part) -> Key:
    """The journal's key of one part of a signal."""
    return (name, part) if isinstance(part, str) else (name, *part)


class Writer(Protocol):
    """Takes what a run records; see `barograph.db.RunWriter`."""

    run: Run
    from_step: int
    stop_reason: str
    network: bool

    @property
    def dropped(self) -> int: ...
    @property
    def points(self) -> Callable[[int, tuple[Key, ...], Sequence[float]], None]: ...
    @property
    def columns(self) -> Callable[[np.ndarray, tuple[Key, ...], np.ndarray], None]: ...
    def describe(self, description: Description) -> None: ...
    def event(self, event: Event) -> None: ...
    def evaluation(self, evaluation: Evaluation) -> None: ...
    def plan(self, plan: Plan) -> None: ...
    def update(self, **fields: Any) -> None: ...
    def attempt(self, from_step: int) -> int: ...
    def stop_requested(self) -> bool: ...
    def found(self) -> list[Finding]: ...
    def tend(self) -> None: ...
    def close(self, state: str = "finished") -> None: ...
