"""An earlier task has settled at a lower accuracy, in answers that can be read: this does not come back by itself."""

from __future__ import annotations

import numpy as np

from .....db.records import Finding
from .._support.downsampled import Downsampled
from .._support.task_visits import (
    ACCURACY,
    COUNT,
    INVALID,
    PerTask,
    TaskHistory,
    at,
    reach,
    readable,
    shares,
    stretches,
)
from ..detector import Detector, Facts, Happening, News, Points
from ..severity import Severity

GRACE = 100  # steps after a boundary that belong to the stability gap
FEWEST = 8  # evaluations since the boundary
RISING = 0.15  # of what is lost, from one quarter of the evaluations to the next: it is still coming back
ADVICE = (
    "Replay some of the earlier data (a few per cent already keep most of it), keep to the old model by distillation "
    "or a penalty (EWC), or lower the peak of the learning rate for the new task."
)


class Watch:
    """The level of each earlier task long after the boundary, against what it was at the boundary.

    Why: the dip right after a boundary is transient, this is not. Accuracy is that of readable answers, A n /
    (n - n_invalid), where the unreadable ones were counted: format drift is another fault. Said from GRACE steps on,
    when the mean of the last quarter of the evaluations since the boundary lies surely below the level before, and no
    longer rises. A task that has come back before is a note: it may again. Source: Chaudhry et al. 2018; Zheng et al.
    2024 for the format; Hemati et al. 2023 for recurring tasks.
    """

    def __init__(self, facts: Facts) -> None:
        self.tasks = PerTask(Level)
        self.past = TaskHistory()
        self.first = -1

    def see(self, news: News) -> list[Finding]:
        changed: dict[tuple[str, str, int], Finding] = {}
        for rows, boundary in stretches(news, (ACCURACY, COUNT, INVALID)):
            for task, points in rows[ACCURACY].items():
                if (level := self.tasks[task]) is not None:
                    counts, invalid = at(rows[COUNT], task), at(rows[INVALID], task)
                    level.feed(shares(readable(points, counts, invalid)), counts)
            for finding in self._said(boundary is not None):
                changed[finding.key] = finding
            if boundary is not None:
                self._turn(boundary)
        return list(changed.values())

    def _turn(self, boundary: Happening) -> None:
        self.past.turn(boundary)
        self.first = -1
        for level in self.tasks:
            level.turn(boundary.step, self.past.holds(level.task))

    def _said(self, over: bool) -> list[Finding]:
        begun, fallen = self.past.begun, [level for level in self.tasks if level.flagged is not None]
        if begun is None or not fallen:
            return []
        self.first = self.first if self.first >= 0 else min(level.flagged or 0 for level in fallen)
        now = [level for level in fallen if level.lost] or fallen
        worst = max(now, key=lambda level: level.before - level.settled)
        many = sum(self.past.holds(one.task) for one in self.tasks)
        which = (
            f"{worst.task!r} has"
            if many < 2
            else f"{len(now)} of {many} earlier tasks {'has' if len(now) == 1 else 'have'}"
        )
        text = f"{which} been lower since step {begun.step:,}"
        text += f": from {worst.before:.3g} to {worst.settled:.3g}" if many < 2 else ""
        text += f", {worst.task!r} the most: {worst.before:.3g} to {worst.settled:.3g}" if many > 1 else ""
        again = [level for level in now if self.past.visits.get(level.task, 0) > 1]
        note = len(again) == len(now)
        text += "; tasks that recovered before and may again." if note else "."
        evidence = {"before": worst.before, "settled": worst.settled, "lost": worst.before - worst.settled}
        evidence["tasks"] = float(len(now))
        severity, last = Severity.NOTE if note else Severity.WATCH, max(level.last for level in fallen)
        going = any(level.lost for level in fallen) and not over
        who, first = begun.text, self.first
        return [Finding("real_forgetting", who, first, last, first, severity, text, ADVICE, evidence, 0.9, going)]


class Level:
    """One task since the last boundary."""

    def __init__(self, task: str) -> None:
        self.task, self.level, self.n = task, np.nan, np.nan
        self.since = Downsampled(32)
        self.turn(0, False)

    def turn(self, step: int, watched: bool) -> None:
        self.before, self.from_step = self.level, step + GRACE
        self.watched = watched and self.level == self.level
        self.far = reach(self.level, self.n) if self.watched else np.inf
        self.flagged: int | None = None
        self.lost, self.settled, self.last = False, np.nan, step
        self.since.clear()

    def feed(self, points: Points, counts: Points) -> None:
        steps, values = points
        if len(counts[1]):
            self.n = float(counts[1][-1])
        if len(values):
            self.level = float(values[-1])
        if not self.watched:
            return
        for step in self.since.feed(steps, values):
            if len(self.since) >= FEWEST and step >= self.from_step:
                self._decide(step)

    def _decide(self, step: int) -> None:
        quarter = len(self.since) // 4
        values = self.since.values
        late, before = values[-quarter:].mean(), values[-2 * quarter : -quarter].mean()
        lost = self.before - late
        if lost > self.far and late - before <= RISING * lost:
            self.flagged = step if self.flagged is None else self.flagged
            self.lost = True
        elif lost < self.far / 2:
            self.lost = False
        if self.lost:
            self.settled, self.last = float(late), step


detector = Detector(
    "real_forgetting",
    "An earlier task has lost accuracy on readable answers for good.",
    (ACCURACY, COUNT, INVALID),
    Watch,
    needs=FEWEST + 1,
)
