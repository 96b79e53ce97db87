"""The loss falls and the task it stands for gets worse: what is optimised is no longer what is wanted."""

from __future__ import annotations

import numpy as np

from .....db.records import Finding
from ...statistics.turning_point import slope_bounds
from .._support.downsampled import Downsampled
from .._support.fault import Fault
from .._support.task_visits import ACCURACY, LEAST, LOSS, PerTask, at, shares, stretches
from ..detector import Detector, Facts, News, Points
from ..severity import Severity

FEWEST = 12  # evaluations
HUGE = 1e30
GRACE = 100  # steps after a boundary: the stability gap is no decoupling
ADVICE = (
    "Choose the checkpoint by the task, not by the loss; stop earlier, look at over-confidence (label smoothing, "
    "a lower temperature) and at the format of the answers."
)


class Watch:
    """Loss and accuracy of each task since the last boundary, with the bounds of their slopes over the newest half.

    Why: a dashboard of losses sees nothing of it. Cross entropy falls while it makes the model sure of itself, and
    pass@N or the accuracy of a task falls with it. The loss is that of the task's own evaluations, else the training
    loss. Said where the accuracy surely falls, by .03 or more, while the loss surely falls. Sources: Chen et al. 2025;
    Guo et al. 2024.
    """

    def __init__(self, facts: Facts) -> None:
        self.tasks = PerTask(LossAndAccuracy)
        self.train = Downsampled(64)
        self.from_step = -1

    def see(self, news: News) -> list[Finding]:
        low, (steps, losses) = -1, news.of("loss")
        for rows, boundary in stretches(news, (ACCURACY, LOSS)):
            high = news.until if boundary is None else boundary.step
            piece = (steps > low) & (steps <= high) & (np.abs(losses) < HUGE)
            train, low = (steps[piece], losses[piece]), high
            for task in rows[ACCURACY]:
                self.tasks[task]
            for pair in self.tasks:
                accuracy, own = shares(at(rows[ACCURACY], pair.task)), at(rows[LOSS], pair.task)
                pair.feed(*(_from(points, self.from_step) for points in (accuracy, own, train)))
                if boundary is not None:
                    pair.turn()
            if boundary is not None:
                self.from_step = boundary.step + GRACE
        return [finding for pair in self.tasks for finding in pair.fault.changes()]


class LossAndAccuracy:
    """One task since the last boundary."""

    def __init__(self, task: str) -> None:
        self.task, self.fault = task, Fault()
        self.accuracy, self.loss, self.train = Downsampled(64), Downsampled(64), Downsampled(64)
        self.begun: int | None = None  # its first evaluation

    def turn(self) -> None:
        for series in (self.accuracy, self.loss, self.train):
            series.clear()
        self.begun = None
        self.fault.close()

    def feed(self, accuracy: Points, own: Points, train: Points) -> None:
        if self.begun is None and len(accuracy[0]):
            self.begun = int(accuracy[0][0])
        if self.begun is None:
            return
        own, train = _from(own, self.begun - 1), _from(train, self.begun)
        for step in self.accuracy.feed(*accuracy):
            if len(self.accuracy) >= FEWEST and self._worth_a_fit():
                own, train = self._add(self.loss, own, step), self._add(self.train, train, step)
                self._decide(step)
        self.loss.add(*own)
        self.train.add(*train)

    def _worth_a_fit(self) -> bool:
        """Not so at most evaluations of most tasks."""
        values = self.accuracy.values
        return self.fault.open is not None or values[-1] < values[len(values) // 2] - LEAST / 2

    def _add(self, series: Downsampled, points: Points, step: int) -> Points:
        """Takes in what came up to a step and gives back the rest."""
        end = int(np.searchsorted(points[0], step, side="right"))
        series.add(points[0][:end], points[1][:end])
        return points[0][end:], points[1][end:]

    def _decide(self, step: int) -> None:
        since = self.accuracy.steps[len(self.accuracy) // 2]
        low, high = slope_bounds(self.accuracy.steps, self.accuracy.values, since)
        own = len(self.loss) >= FEWEST
        loss = self.loss if own else self.train
        falls = slope_bounds(loss.steps, loss.values, since)[1] < 0
        lost = -(low + high) / 2  # from `since` to now
        if high < 0 and lost > LEAST and falls:
            which = "its own loss" if own else "the training loss"
            text = (
                f"The accuracy of {self.task!r} has fallen by about {lost:.2g} since step {int(since):,} while {which} "
                "still falls: the loss is no longer a proxy for the task."
            )
            evidence = {"lost": float(lost), "since": float(since), "accuracy": float(self.accuracy.values[-1])}
            self.fault.report(
                Finding("decoupling", self.task, step, step, step, Severity.WATCH, text, ADVICE, evidence, 0.85)
            )
        elif high >= 0:
            self.fault.close()


def _from(points: Points, step: int) -> Points:
    """What came after a step."""
    keep = points[0] > step
    return points[0][keep], points[1][keep]


detector = Detector(
    "decoupling",
    "The loss falls while the accuracy of a task falls too.",
    (ACCURACY, LOSS, "loss"),
    Watch,
    needs=FEWEST,
)
