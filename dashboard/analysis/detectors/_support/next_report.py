"""What the next report should be, from as few as six: for a run's first reports, and logs that have no more."""

from __future__ import annotations

import numpy as np

from .baseline import middle_and_spread

NEAR = 5  # reports whose median foretells the next one
FEWEST = 4  # errors of such forecasts
FIRST = 2 + FEWEST  # reports before the first that is held against them
MANY = 16  # errors; of fewer the largest counts, too
DOUBT = 8.0  # n errors tell the spread so badly that it counts 1 + DOUBT / n times
OUTLIER = 8.0  # spreads: no error of an outlier enters the past
EACH, EVERY = 64, 8  # the spread is measured before each of the first 64 reports, then before every eighth
FLOOR = 5e-3  # of the level: the spread of a noiseless curve


class NextReport:
    """Level and spread that stood before each of a run's first reports, the same however these are cut.

    level = median of the five reports before; errors e = report - level. spread = (90 % quantile - median) / 1.2816 of
    the errors so far, kept within one and two times MAD / .6745, below 16 errors at least half of what the largest lies
    above the median, times 1 + 8 / n for n errors, and at least .5 % of the level. The errors are those of the later
    half of the reports (four at least), without outliers. Why: a window that holds much of a run takes its fall for
    noise; errors of a forecast from nearby reports do not, nor are they fooled by noise that remembers. NaN before the
    sixth report, and from `most` reports on, where `RunningBaseline` has a full window.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._near: list[float] = []  # the last reports
        self._errors: list[float] = []
        self._count = 0
        self._spread = np.nan  # of the errors; measured anew at each of the first reports, later at some

    def feed(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Level and spread [n] that stood before each of the next finite `values` [n]."""
        found = np.full((2, len(values)), np.nan)
        for i, value in enumerate(values[: self.most - self._count].tolist()):
            if self._count >= 2:
                level = _median(self._near)
                if self._count < EACH or self._count % EVERY == 0:
                    self._spread = self._measure()
                spread = max(self._spread, FLOOR * abs(level))
                found[:, i] = level, spread
                if not value - level >= OUTLIER * spread:
                    self._errors.append(value - level)
            self._near = [*self._near, value][-NEAR:]
            self._count += 1
        return found[0], found[1]

    def _measure(self) -> float:
        """The spread of the errors so far; NaN while they are too few."""
        if len(self._errors) < FEWEST:
            return float("nan")
        errors = np.array(self._errors[-max(FEWEST, self._count // 2) :])
        middle, spread = middle_and_spread(errors[None])[:, 0]
        if len(errors) < MANY:
            spread = max(spread, (errors.max() - middle) / 2)
        return float(spread * (1 + DOUBT / len(errors)))


def _median(values: list[float]) -> float:
    """
    >>> _median([3.0, 1.0]), _median([3.0, 1.0, 2.0])
    (2.0, 2.0)
    """
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
