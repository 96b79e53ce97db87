"""The training set is known by heart long before the held-out set is: grokking."""

from __future__ import annotations

import numpy as np

from .....db.records import Finding
from .._support.fault import Fault
from ..detector import EMPTY, Detector, Facts, News, Points
from ..severity import Severity

TRAIN = "train_accuracy", "accuracy"  # the first that the run has
PERFECT = 0.99  # of the training examples
BEHIND = 0.5  # of the training accuracy: held-out accuracy below it has not generalised ...
THERE = 0.9  # ... and above it has
IN_A_ROW = 3  # values
LATE = 2.0  # times the steps that memorising took: the delay is worth a word
ADVICE = (
    "Do not stop because the training loss is flat: generalisation can come late. Weight decay, a smaller model or "
    "more data bring it sooner."
)


class Watch:
    """When the training accuracy stays at 99 %, and when the held-out accuracy follows.

    Why: a perfect training accuracy with a poor held-out one looks finished and need not be. memorised = first of three
    training accuracies in a row of at least .99; generalised = first of three held-out ones in a row of at least .9;
    delay = generalised - memorised. Said when the delay has reached twice the steps that memorising took, and held-out
    accuracy was below .5 when the training set was known. Percent are understood. Source: Minegishi et al. 2023.
    """

    def __init__(self, facts: Facts) -> None:
        self.fault = Fault()
        self.name = ""
        self.began: int | None = None
        self.train, self.held = InARow(PERFECT), InARow(THERE)
        self.latest = self.then = np.nan  # held-out accuracy: the newest, and when the training set was known

    def see(self, news: News) -> list[Finding]:
        self.name = self.name or next((name for name in TRAIN if len(news.of(name)[0])), "")
        train = _shares(news.of(self.name) if self.name else EMPTY)
        if self.began is None and len(train[0]):
            self.began = int(train[0][0])
        self.train.feed(*train)
        steps, values = _shares(news.of("val_accuracy"))
        self.held.feed(steps, values)
        if len(steps) and self.began is not None and self.train.known is not None and self.train.since is not None:
            self._wait(steps, values, self.began, self.train.since, self.train.known)
        self.latest = values[-1] if len(values) else self.latest
        return self.fault.changes()

    def _wait(self, steps: np.ndarray, values: np.ndarray, began: int, memorised: int, known: int) -> None:
        """The training set was `memorised` at a step, and `known` to be some steps later."""
        before = steps <= known
        if np.isnan(self.then):
            self.then = values[before][-1] if before.any() else self.latest if np.isfinite(self.latest) else values[0]
        if self.then >= BEHIND or (self.held.known is not None and self.held.known < steps[0]):
            return
        due = max(memorised + LATE * (memorised - began), known)
        end = np.inf if self.held.known is None else self.held.known
        late = steps[(steps >= due) & (steps < end)]
        if len(late):
            first = int(late[0]) if self.fault.open is None else self.fault.open.flagged
            if self.fault.open is None:
                text = f"Memorised the training set at step {memorised:,}, but held-out accuracy is still low"
                evidence = {"memorised": float(memorised), "held_out": float(self.then)}
                self.fault.report(self._finding(first, first, f"{text}: a flat loss is not the end here.", evidence))
            self.fault.extend(int(late[-1]))
        if self.held.since is not None and due <= end < np.inf:
            delay = self.held.since - memorised
            text = (
                f"Memorised the training set at step {memorised:,}, generalised to the held-out set at "
                f"{self.held.since:,}: {delay:,} steps later."
            )
            evidence = {"memorised": float(memorised), "generalised": float(self.held.since), "delay": float(delay)}
            self.fault.report(self._finding(int(end), int(end), text, evidence))
            self.fault.close()

    def _finding(self, first: int, last: int, text: str, evidence: dict[str, float]) -> Finding:
        return Finding("delayed_generalisation", "", first, last, first, Severity.NOTE, text, ADVICE, evidence, 0.9)


class InARow:
    """Finds the first IN_A_ROW values in a row of at least `limit`: the step of the first and of the last of them."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.since: int | None = None
        self.known: int | None = None
        self._steps, self._high = np.empty(0, np.int64), np.empty(0, bool)

    def feed(self, steps: np.ndarray, values: np.ndarray) -> None:
        if self.known is not None or not len(steps):
            return
        steps, high = np.concatenate([self._steps, steps]), np.concatenate([self._high, values >= self.limit])
        self._steps, self._high = steps[1 - IN_A_ROW :], high[1 - IN_A_ROW :]
        count = len(steps) - IN_A_ROW + 1
        if count > 0:
            row = np.all([high[k : k + count] for k in range(IN_A_ROW)], axis=0)
            if row.any():
                first = int(np.argmax(row))
                self.since, self.known = int(steps[first]), int(steps[first + IN_A_ROW - 1])


def _shares(points: Points) -> Points:
    """Accuracies as shares; what is above 1.5 is taken for percent."""
    steps, values = points
    keep = np.abs(values) <= 100
    values = values[keep]
    return steps[keep], np.where(values > 1.5, values / 100, values)


detector = Detector(
    "delayed_generalisation",
    "The model memorises the training set long before it generalises to the held-out set.",
    (*TRAIN, "val_accuracy"),
    Watch,
    needs=IN_A_ROW,
)
