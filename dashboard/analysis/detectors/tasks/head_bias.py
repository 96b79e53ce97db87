"""The classifier prefers the classes that it is learning: old tasks look forgotten and are outvoted."""

from __future__ import annotations

import numpy as np

from .....db.records import Finding
from .._support.fault import Fault
from ..detector import Detector, Facts, News, Points
from ..severity import Severity

EXCESS, RATIO = 0.15, 1.25  # of predictions for new classes, against their due share
GAMMA = 0.7
ROW = 2  # looks in a row
ADVICE = (
    "Rescale the head before you evaluate the old tasks: two numbers fitted on a balanced sample, or the new rows "
    "times gamma; or replay old classes in balance, or fine-tune the head alone on a balanced sample."
)


class Watch:
    """The share of predictions that are new classes against the share that is due, and the norms of the head's rows.

    Why: the last layer learns the new classes fast and is easily mended, while the features underneath still know the
    old ones. Said at the second look in a row at which the share exceeds its due by .15 and by a quarter of it; where
    no share is recorded, at which gamma = mean |w_old| / mean |w_new| is under .7. Both by `run.predictions(...)`.
    Sources: Wu et al. 2019 (BiC); Zhao et al. 2020 (weight aligning).
    """

    def __init__(self, facts: Facts) -> None:
        self.share, self.gamma = Fault(), Fault()
        self.rows = {"share": 0, "gamma": 0}
        self.has_predictions = False  # they tell more than norms

    def see(self, news: News) -> list[Finding]:
        looks = [(int(s), 0, v, d) for s, v, d in self._due(news)]
        looks += [(int(s), 1, float(v), np.nan) for s, v in zip(*_finite(news.of("head_gamma")), strict=True)]
        for step, which, value, due in sorted(looks, key=lambda one: one[:2]):
            if which == 0:
                self.has_predictions = True
                self._look(self.share, "share", step, value > max(due + EXCESS, RATIO * due), self._shares(value, due))
            elif not self.has_predictions:
                self._look(self.gamma, "gamma", step, 0 <= value < GAMMA, self._norms(value))
        return self.share.changes() + self.gamma.changes()

    def _due(self, news: News) -> list[tuple[int, float, float]]:
        """(step, share, due share) where both were recorded."""
        steps, values = _finite(news.of("new_class_share"))
        known = dict(zip(*(column.tolist() for column in _finite(news.of("new_class_due"))), strict=True))
        pairs = zip(steps.tolist(), values.tolist(), strict=True)
        return [(s, v, known[s]) for s, v in pairs if s in known and 0 <= v <= 1 and 0 <= known[s] <= 1]

    def _look(self, fault: Fault, name: str, step: int, biased: bool, report: tuple[str, dict[str, float]]) -> None:
        self.rows[name] = self.rows[name] + 1 if biased else 0
        if self.rows[name] >= ROW:
            text, evidence = report
            severity = Severity.WATCH
            fault.report(Finding("head_bias", name, step, step, step, severity, text, ADVICE, evidence, 0.9))
        elif not biased:
            fault.close()

    def _shares(self, value: float, due: float) -> tuple[str, dict[str, float]]:
        text = f"{100 * value:.0f} % of the predictions are classes of the current task, {100 * due:.0f} % should be: "
        return text + "the head is biased against old tasks.", {"share": value, "due": due}

    def _norms(self, value: float) -> tuple[str, dict[str, float]]:
        text = f"The head's rows of old classes are {value:.2f} times as long as those of new ones: biased to the new."
        return text, {"gamma": value}


def _finite(points: Points) -> Points:
    keep = np.abs(points[1]) < 1e6
    return points[0][keep], points[1][keep]


detector = Detector(
    "head_bias",
    "The classifier's last layer is biased towards the classes of the current task.",
    ("new_class_share", "new_class_due", "head_gamma"),
    Watch,
    mechanism=True,
    needs=ROW,
)
