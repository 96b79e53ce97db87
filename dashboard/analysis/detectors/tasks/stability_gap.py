"""Earlier tasks fall right after a new one begins, and mostly come back: no reason to stop the run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .....db.records import Finding
from .._support.downsampled import Downsampled
from .._support.task_visits import ACCURACY, COUNT, PerTask, TaskHistory, at, reach, shares, stretches
from ..detector import Detector, Facts, Happening, News, Points
from ..severity import Severity

FITTED = 8  # evaluations behind the lowest that a fit of the recovery needs
LATE = 100  # steps after which a fall that does not rise is no longer said to come back
NEAR = 0.9  # of the way back: where the recovery is said to be over
ADVICE = (
    "Do not stop or compare methods in the dip; replay of earlier data from the first step on, a shorter "
    "warm-up of the rate, or a mixture closer to the old data make it smaller."
)


class Watch:
    """The accuracy of each earlier task against what it was where the new task (or other data) began.

    Why: the fall is over within tens of steps, and evaluations at the end of tasks never see it. Said from the first
    evaluation that lies surely below (4 standard errors of a difference, .03 at least), as one finding for each
    boundary. The recovery is predicted by A(t) = A_e - c exp(-(t - t_low) / tau) fitted to what came after the lowest
    point (90 % of the way back), before that by the median of this run's earlier recoveries. An evaluation at the
    boundary's own step is the level before. Source: De Lange et al. 2023.
    """

    def __init__(self, facts: Facts) -> None:
        self.tasks = PerTask(Dip)
        self.took: list[int] = []  # steps of each recovery so far
        self.past = TaskHistory()
        self.first = -1

    def see(self, news: News) -> list[Finding]:
        changed: dict[tuple[str, str, int], Finding] = {}
        for rows, boundary in stretches(news, (ACCURACY, COUNT)):
            for task, points in rows[ACCURACY].items():
                if (dip := self.tasks[task]) is not None:
                    dip.feed(shares(points), at(rows[COUNT], task))
            for finding in self._said(boundary is not None):
                changed[finding.key] = finding
            if boundary is not None:
                self._turn(boundary)
        return list(changed.values())

    def _turn(self, boundary: Happening) -> None:
        self.took = [*self.took, *(dip.took for dip in self.tasks if dip.took)][-64:]
        self.past.turn(boundary)
        self.first = -1
        for dip in self.tasks:
            dip.turn(self.past.holds(dip.task))

    def _said(self, over: bool) -> list[Finding]:
        begun, fallen = self.past.begun, [dip for dip in self.tasks if dip.flagged is not None]
        if begun is None or not fallen:
            return []
        if self.first < 0:
            self.first = min(dip.flagged or 0 for dip in fallen)
        worst = max(fallen, key=lambda dip: dip.depth)
        many = sum(self.past.holds(one.task) for one in self.tasks)
        which = f"{worst.task!r}" if many < 2 else f"{len(fallen)} of {many} earlier tasks, {worst.task!r} the most,"
        text = (
            f"{which} fell after {_cause(begun)} at step {begun.step:,}: "
            f"{worst.before:.3g} to {worst.low:.3g} at step {worst.low_at:,}"
        )
        back = [dip for dip in fallen if dip.took]
        going = [dip for dip in fallen if not dip.took]
        evidence = {"before": worst.before, "lowest": worst.low, "depth": worst.depth, "tasks": float(len(fallen))}
        text += (
            f"; {self._ahead(worst, over, evidence)}."
            if going
            else f"; all back by step {max(d.last for d in back):,}."
        )
        last, still, part = max(dip.last for dip in fallen), bool(going) and not over, begun.text
        note = Severity.NOTE
        return [Finding("stability_gap", part, self.first, last, self.first, note, text, ADVICE, evidence, 0.9, still)]

    def _ahead(self, worst: Dip, over: bool, evidence: dict[str, float]) -> str:
        if worst.took:
            return f"it was back at step {worst.last:,}"
        if over:
            return f"not back by step {worst.last:,}, where this task ended"
        fit = recovery(worst.since.steps, worst.since.values)
        if fit is not None:
            evidence |= {"predicted_step": fit.step, "predicted_level": fit.level}
            return f"at this pace it is back at {fit.level:.3g} near step {fit.step:,.0f}"
        waited = worst.last - (worst.flagged or 0)
        if waited > LATE:
            return f"not back after {waited:,} steps, nor rising"
        if self.took:
            usual = float(np.median(self.took))
            evidence["predicted_step"] = worst.low_at + usual
            return f"earlier falls of this run took {usual:,.0f} steps to come back"
        return "such falls mostly come back within some tens of steps"


def _cause(boundary: Happening) -> str:
    return f"{boundary.text!r} began" if boundary.kind == "task" else "the data changed"


class Dip:
    """One task since the last boundary."""

    def __init__(self, task: str) -> None:
        self.task, self.last, self.level, self.n = task, -1, np.nan, np.nan
        self.since = Downsampled(64)
        self.turn(False)

    @property
    def depth(self) -> float:
        return self.before - self.low

    def turn(self, watched: bool) -> None:
        """A boundary: what was evaluated last is what the task could do before it."""
        self.before, self.limit = self.level, self.level - reach(self.level, self.n) if watched else -np.inf
        self.watched = watched and self.level == self.level
        self.flagged: int | None = None
        self.low, self.low_at, self.took = np.inf, -1, 0
        self._near = False
        self.since.clear()

    def feed(self, points: Points, counts: Points) -> None:
        steps, values = points
        if len(counts[1]):
            self.n = float(counts[1][-1])
        if not len(steps):
            return
        self.level = float(values[-1])
        if not self.watched or self.took:
            return
        if self.flagged is None:
            below = np.flatnonzero(values < self.limit)
            if not len(below):
                return
            self.flagged = int(steps[below[0]])
            steps, values = steps[below[0] :], values[below[0] :]
        near = values >= (self.before + self.limit) / 2
        twice = near & np.concatenate([[self._near], near[:-1]])
        end = int(np.argmax(twice)) + 1 if twice.any() else len(steps)
        steps, values, self._near = steps[:end], values[:end], bool(near[-1])
        lowest = int(np.argmin(values))
        if values[lowest] < self.low:
            self.low, self.low_at = float(values[lowest]), int(steps[lowest])
            self.since.clear()
            self.since.add(steps[lowest:], values[lowest:])
        else:
            self.since.add(steps, values)
        self.last = int(steps[-1])
        if twice.any():
            self.took = max(1, self.last - self.low_at)


@dataclass(frozen=True)
class Recovery:
    """Where an accuracy is going: to `level`, and at which step it is NEAR of the way."""

    step: float
    level: float


def recovery(steps: np.ndarray, values: np.ndarray) -> Recovery | None:
    """A_e - c exp(-t / tau) by least squares over a grid of tau; None with few points or where nothing rises."""
    if len(steps) < FITTED:
        return None
    t = (steps - steps[0]).astype(float)
    best = (np.inf, np.nan, np.nan, np.nan)
    for tau in np.geomspace(max(t[1], 1.0), 2 * t[-1], 24):
        design = np.stack([np.ones_like(t), np.exp(-t / tau)], axis=1)
        (level, swing), *_ = np.linalg.lstsq(design, values, rcond=None)
        left = float(np.sum((values - design @ (level, swing)) ** 2))
        if left < best[0]:
            best = left, tau, level, swing
    left, tau, level, swing = best
    noise = np.sqrt(left / (len(t) - 3))
    if -swing < max(0.02, 3 * noise) or not 0 < level <= 1.1:
        return None
    return Recovery(float(steps[0] - tau * np.log(1 - NEAR)), min(float(level), 1.0))


detector = Detector(
    "stability_gap",
    "Earlier tasks fall right after a new task begins, and mostly come back.",
    (ACCURACY, COUNT),
    Watch,
    needs=2,
)
