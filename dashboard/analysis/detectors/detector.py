"""What a detector is, and what it is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from ....db.records import Finding

Points = tuple[np.ndarray, np.ndarray]  # steps int64 [n], strictly increasing; values float64 [n], NaN and inf kept
CONTEXT = frozenset({"lr", "tokens", "time", "step_time", "clip_coefficient"})  # signals that explain others
EMPTY: Points = np.empty(0, np.int64), np.empty(0)


@dataclass(frozen=True)
class Facts:
    """What a run says of itself before its first step; None where it does not say."""

    planned: int | None = None  # steps
    eps: float | None = None  # of Adam
    beta2: float | None = None
    max_norm: float | None = None  # gradients are clipped at it


@dataclass(frozen=True)
class Happening:
    """An entry of the run's own timeline: data switch, task boundary, restart, checkpoint, note.

    `boundary` is "begin" or "end" where a task, whose name is the text, begins or ends.
    """

    step: int
    kind: str
    text: str = ""
    boundary: str = ""


@dataclass(frozen=True)
class News:
    """What came since the last look: every point and happening up to and including step `until`, each exactly once.

    `points[signal][part]` has the new points of one series; the part of a signal without axes is `()`. `state` is the
    run's state by now, `idle` the seconds since it was last heard of.
    """

    until: int
    points: Mapping[str, Mapping[tuple[str, ...], Points]] = field(default_factory=dict)
    happenings: tuple[Happening, ...] = ()
    state: str = "running"
    idle: float = 0.0

    def of(self, signal: str, part: tuple[str, ...] = ()) -> Points:
        """The new points of one series; empty where there are none."""
        return self.points.get(signal, {}).get(part, EMPTY)


class Watch(Protocol):
    """A detector at work on one run: keeps what it needs of the past, of bounded size."""

    def see(self, news: News) -> list[Finding]:
        """The findings that are new or have changed; the same ones however the points are cut into news."""


@dataclass(frozen=True)
class Detector:
    """One file in this folder holds one of these, called `detector`.

    `signals` names what it can use and need not all be there; `start` begins to watch a run. `mechanism`: it looks at a
    cause, not at the loss itself, so that it can speak before the loss moves. `needs`: the reports of a signal of its
    own before which it finds nothing, whatever they are. `essential`: without it a run's loss was not judged.
    """

    name: str
    sentence: str
    signals: tuple[str, ...]
    start: Callable[[Facts], Watch]
    mechanism: bool = False
    needs: int = 1
    essential: bool = False

    @property
    def own(self) -> tuple[str, ...]:
        """The signals that it judges; the others only explain them."""
        return tuple(name for name in self.signals if name not in CONTEXT) or self.signals
