"""Steps that stand out, merged into stretches: one thing is reported once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np


@dataclass(frozen=True)
class OutlierGroup:
    """Steps that stand out and lie near each other. `at_peak` holds what was known at the most outstanding of them."""

    first: int
    last: int
    flagged: int  # the step at which enough of them stood out; -1 before
    count: int
    peak: float  # the largest score
    peak_step: int
    at_peak: dict[str, float] = field(default_factory=dict)
    open: bool = True


class OutlierGroups:
    """Merges outstanding points into stretches, the same however the points are cut.

    A stretch ends when more than `gap` points in a row do not stand out. It is reported once `least` of its points
    do, or a single one that is `alone` enough. Gaps are counted in points, so that it works at any cadence of
    logging.
    """

    def __init__(self, gap: int = 50, least: int = 1) -> None:
        self.gap, self.least = gap, least
        self._count = 0  # points seen
        self._end = 0  # position of the open stretch's last outstanding point
        self._open: OutlierGroup | None = None

    def feed(
        self,
        steps: np.ndarray,
        flags: np.ndarray,
        scores: np.ndarray,
        alone: np.ndarray | None = None,
        **known: np.ndarray,
    ) -> list[OutlierGroup]:
        """The stretches that are new or have changed; all arguments [n], `known` by name for `at_peak`."""
        changed = []
        hits = np.flatnonzero(flags)
        before = self._end if self._open else -self.gap - 2
        breaks = np.flatnonzero(np.diff(hits + self._count, prepend=before) > self.gap + 1)
        for group in np.split(hits, breaks):
            if not len(group):
                continue
            if self._open and group[0] + self._count - self._end > self.gap + 1:
                changed.append(replace(self._open, open=False))
                self._open = None
            self._open = self._grow(steps, scores, alone, known, group)
            self._end = int(group[-1]) + self._count
            changed.append(self._open)
        self._count += len(steps)
        if self._open and self._count - 1 - self._end > self.gap:
            changed.append(replace(self._open, open=False))
            self._open = None
        return list({stretch.first: stretch for stretch in changed if stretch.flagged >= 0}.values())

    def _grow(
        self,
        steps: np.ndarray,
        scores: np.ndarray,
        alone: np.ndarray | None,
        known: Mapping[str, np.ndarray],
        group: np.ndarray,
    ) -> OutlierGroup:
        old = self._open
        count = old.count if old else 0
        top = group[np.argmax(scores[group])]
        enough = np.arange(count + 1, count + len(group) + 1) >= self.least
        if alone is not None:
            enough |= alone[group]
        flagged = int(steps[group[np.argmax(enough)]]) if enough.any() else -1
        found = OutlierGroup(
            first=old.first if old else int(steps[group[0]]),
            last=int(steps[group[-1]]),
            flagged=old.flagged if old and old.flagged >= 0 else flagged,
            count=count + len(group),
            peak=float(scores[top]),
            peak_step=int(steps[top]),
            at_peak={name: float(values[top]) for name, values in known.items()},
        )
        if old and old.peak >= found.peak:
            found = replace(found, peak=old.peak, peak_step=old.peak_step, at_peak=old.at_peak)
        return found
