"""Evaluations of tasks as detectors see them: stretch by stretch between the boundaries of training."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

import numpy as np

from ..detector import EMPTY, Happening, News, Points

ACCURACY, LOSS, COUNT, INVALID = "eval_accuracy", "eval_loss", "eval_n", "eval_n_invalid"
USUAL = 1000  # examples of an evaluation that does not say how many
SURE = 4.0  # standard errors: many tasks are looked at many times
LEAST = 0.03  # of accuracy: less is of no use to anybody
MOST = 512  # tasks that are followed

Each = TypeVar("Each")
Rows = dict[str, dict[str, Points]]  # signal -> task -> its points


def stretches(news: News, signals: tuple[str, ...]) -> Iterator[tuple[Rows, Happening | None]]:
    """The new points of each task up to each boundary in turn, and that boundary; None: the news end.

    A boundary is a task that begins or ends, or other data. An evaluation at its step was made before it.
    """
    boundaries = sorted((h for h in news.happenings if h.kind in ("task", "data")), key=lambda h: h.step)
    low = -1
    for boundary in [*boundaries, None]:
        high = news.until if boundary is None else boundary.step
        yield {name: _between(news, name, low, high) for name in signals}, boundary
        low = high


def _between(news: News, signal: str, low: int, high: int) -> dict[str, Points]:
    found = {}
    for part, (steps, values) in news.points.get(signal, {}).items():
        keep = (steps > low) & (steps <= high) & np.isfinite(values)
        if keep.any():
            found[" / ".join(part)] = steps[keep], values[keep]
    return found


def shares(points: Points) -> Points:
    """The values that can be an accuracy: between 0 and 1."""
    keep = (points[1] >= 0) & (points[1] <= 1)
    return points[0][keep], points[1][keep]


def error(share: float, n: float) -> float:
    """Standard error of a share that was measured on n examples; never as small as if all were right."""
    n = n if np.isfinite(n) and n >= 1 else USUAL
    share = (share * n + 1) / (n + 2)
    return float(np.sqrt(share * (1 - share) / n))


def reach(share: float, n: float) -> float:
    """How far two evaluations must lie apart to be surely different, and enough to matter."""
    return max(LEAST, SURE * 2**0.5 * error(share, n))


class TaskHistory:
    """Which tasks can have been forgotten since the last boundary: those that were learned before it.

    What a model knew before its run counts where a visit without steps says so: begin_task, end_task at step 0. Where
    no task was ever begun, other data can harm every task.
    """

    def __init__(self) -> None:
        self.visits: dict[str, int] = {}
        self.begun: Happening | None = None  # the boundary, while something is learned behind it

    def turn(self, boundary: Happening) -> None:
        self.begun = None if boundary.boundary == "end" else boundary
        if boundary.boundary == "begin":
            self.visits[boundary.text] = self.visits.get(boundary.text, 0) + 1

    def holds(self, task: str) -> bool:
        if self.begun is None or self.begun.kind == "data" and self.begun.step <= 0:
            return False
        return task in self.visits and task != self.begun.text or not self.visits


class PerTask(Generic[Each]):
    """Something for each task, made when it is first seen."""

    def __init__(self, make: Callable[[str], Each]) -> None:
        self._make = make
        self._known: dict[str, Each] = {}

    def __getitem__(self, task: str) -> Each | None:
        if task not in self._known and len(self._known) < MOST:
            self._known[task] = self._make(task)
        return self._known.get(task)

    def __iter__(self) -> Iterator[Each]:
        return iter(self._known.values())


def at(points: dict[str, Points], task: str) -> Points:
    return points.get(task, EMPTY)


def matched(points: Points, others: Points) -> np.ndarray:
    """The values of `others` at the steps of `points` [n]; NaN where there is none."""
    steps, known = points[0], others[0]
    place = np.searchsorted(known, steps)
    there = place < len(known)
    there[there] = known[place[there]] == steps[there]
    out = np.full(len(steps), np.nan)
    out[there] = others[1][place[there]]
    return out


def readable(points: Points, counts: Points, invalid: Points) -> Points:
    """Accuracies of the answers that could be read, A n / (n - n_invalid), where both counts are known."""
    n, bad = matched(points, counts), matched(points, invalid)
    ok = (n > bad) & (bad > 0)
    share = points[1].copy()
    share[ok] = np.minimum(1.0, share[ok] * n[ok] / (n[ok] - bad[ok]))
    return points[0], share
