"""More and more answers are in no readable format: a task looks forgotten and may not be."""

from __future__ import annotations

import numpy as np

from .....db.records import Finding
from .._support.fault import Fault
from .._support.task_visits import ACCURACY, COUNT, INVALID, SURE, PerTask, at, error, matched, shares, stretches
from ..detector import Detector, Facts, News, Points
from ..severity import Severity

LEAST = 0.05  # of the answers
ADVICE = (
    "Look at some answers. Keep the format in the training data of the new task, or prompt with an example of it; "
    "compare methods by the accuracy of readable answers."
)


class Watch:
    """The share of unreadable answers of each task, n_invalid / n, against the lowest that it has had.

    Why: an answer that cannot be read counts as wrong, so that accuracy falls although the knowledge is there. Said
    where two evaluations in a row have surely more of them (4 standard errors, .05 at least), with the accuracy among
    readable answers beside; superficial where that lost less than half of what the accuracy did. Record both counts:
    `run.evaluate(step, task, accuracy=..., n=..., n_invalid=...)`. Source: Zheng et al. 2024 (SEFE).
    """

    def __init__(self, facts: Facts) -> None:
        self.tasks = PerTask(Format)

    def see(self, news: News) -> list[Finding]:
        for rows, _ in stretches(News(news.until, news.points), (ACCURACY, COUNT, INVALID)):
            for task, points in rows[ACCURACY].items():
                if (one := self.tasks[task]) is not None:
                    counts, invalid = at(rows[COUNT], task), at(rows[INVALID], task)
                    one.feed(shares(points), counts, invalid)
        return [finding for one in self.tasks for finding in one.fault.changes()]


class Format:
    """One task."""

    def __init__(self, task: str) -> None:
        self.task, self.fault = task, Fault()
        self.best: tuple[float, float, float] | None = None  # share unreadable, accuracy, accuracy of the readable
        self.above = False  # so was the evaluation before

    def feed(self, points: Points, counts: Points, invalid: Points) -> None:
        n, bad = matched(points, counts), matched(points, invalid)
        columns = (column.tolist() for column in (*points, n, bad))
        for step, share, count, wrong in zip(*columns, strict=True):
            if count >= 1 and 0 <= wrong < count:
                self._look(step, share, count, wrong / count)

    def _look(self, step: int, accuracy: float, n: float, rate: float) -> None:
        readable = min(1.0, accuracy / (1 - rate))
        if self.best is None or rate < self.best[0]:
            self.best = rate, accuracy, readable
        lowest, before, before_readable = self.best
        high = rate - lowest > max(LEAST, SURE * float(np.hypot(error(rate, n), error(lowest, n))))
        if high and self.above:
            lost, lost_readable = before - accuracy, before_readable - readable
            superficial = lost > 0 and lost_readable < lost / 2
            text = f"{100 * rate:.0f} % of the answers of {self.task!r} cannot be read (before: {100 * lowest:.0f} %): "
            text += (
                f"accuracy {before:.3g} to {accuracy:.3g}, of readable answers {before_readable:.3g} to {readable:.3g}"
            )
            text += "; mostly the format is lost, not the knowledge." if superficial else "."
            evidence = {"unreadable": rate, "unreadable_before": lowest, "accuracy": accuracy, "readable": readable}
            severity = Severity.WATCH
            self.fault.report(
                Finding("format_drift", self.task, step, step, step, severity, text, ADVICE, evidence, 0.95)
            )
        elif not high and not self.above:
            self.fault.close()
        self.above = high


detector = Detector(
    "format_drift", "Ever more answers of a task are in no readable format.", (INVALID, ACCURACY, COUNT), Watch, needs=3
)
