"""New tasks are learned worse and worse: the network has lost plasticity."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy.special import ndtr

from .....db.records import Finding
from .._support.fault import Fault
from .._support.task_visits import ACCURACY, LEAST, PerTask, shares, stretches
from ..detector import Detector, Facts, Happening, News
from ..severity import Severity

FEWEST, KEPT = 8, 64  # tasks
SURE = 1e-5  # at each look, of Kendall's test, one-sided
ADVICE = (
    "Look at dead units and the spectra of the weights; regularise towards the initial weights or their spectra (L2, "
    "spectral), reset units that are dead, or normalise layers."
)


class Watch:
    """How well each task is known at the end of its own visit, over the tasks in order.

    Why: forgetting is about old tasks, this is about new ones, and more training does not help. Kendall's rank test on
    the learning accuracies of the last 64 visits, reported where they fall surely (p < 1e-5 at each look) and by .1
    in all. Tasks of unlike difficulty add noise, not a trend, when their order is arbitrary. Source: Lewandowski et
    al. 2024;
    Dohare et al. 2024.
    """

    def __init__(self, facts: Facts) -> None:
        self.last = PerTask(Newest)
        self.learned: list[float] = []
        self.current: Happening | None = None
        self.fault = Fault()

    def see(self, news: News) -> list[Finding]:
        for rows, boundary in stretches(news, (ACCURACY,)):
            for task, points in rows[ACCURACY].items():
                steps, values = shares(points)
                if len(steps) and (known := self.last[task]) is not None:
                    known.step, known.value = int(steps[-1]), float(values[-1])
            if boundary is not None and boundary.kind == "task":
                self._turn(boundary)
        return self.fault.changes()

    def _turn(self, boundary: Happening) -> None:
        visit, self.current = self.current, boundary if boundary.boundary != "end" else None
        known = self.last[visit.text] if visit is not None else None
        if visit is None or known is None or known.step <= visit.step:
            return
        self.learned = [*self.learned, known.value][-KEPT:]
        if len(self.learned) >= FEWEST:
            self._decide(boundary.step)

    def _decide(self, step: int) -> None:
        third = len(self.learned) // 3
        early, late = np.mean(self.learned[:third]), np.mean(self.learned[-third:])
        if early - late > max(0.1, LEAST) and falling(self.learned) < SURE:
            text = (
                f"New tasks are learned worse and worse: {early:.3g} at the end of the first {third} of the last "
                f"{len(self.learned)} visits, {late:.3g} at the end of the last {third}."
            )
            evidence = {"early": float(early), "late": float(late), "tasks": float(len(self.learned))}
            self.fault.report(
                Finding("lost_plasticity", "", step, step, step, Severity.WATCH, text, ADVICE, evidence, 0.9)
            )
        else:
            self.fault.close()


class Newest:
    """A task's newest evaluation."""

    def __init__(self, task: str) -> None:
        self.task, self.step, self.value = task, -1, np.nan


def falling(values: list[float]) -> float:
    """p of Kendall's test against a fall, by its normal approximation; ties count half."""
    n = len(values)
    score = sum(np.sign(a - b) for a, b in combinations(values, 2))
    return float(1 - ndtr((score - 1) / np.sqrt(n * (n - 1) * (2 * n + 5) / 18)))


detector = Detector(
    "lost_plasticity", "New tasks are learned worse and worse.", (ACCURACY,), Watch, mechanism=True, needs=FEWEST
)
