"""What was usual before: a running median and robust spread that a spike cannot inflate."""

from __future__ import annotations

import numpy as np

ROBUST_SD = 1.4826  # of a normal distribution, times its median absolute deviation
ROWS = 4096  # windows sorted at once: bounds the memory


class Baseline:
    """Level and spread of the last points *before* each point, by position, the same however the points are cut.

    Before point i (counted from the series' start) stand the `width` points i' - lag - width ... i' - lag - 1, where i'
    is i rounded down to a multiple of `every`; among the first 2 * every points i' = i. Non-finite values are left out.
    level = median, spread = 1.4826 * median |x - level|, at least `floor` * |level|. Until `least` finite points have
    been seen both are NaN, so that comparisons with them are false. A lag keeps the beginning of a slow rise out of
    what it is held against. Source: medians instead of means because 7 sd of a window that contains the spike is no
    test at all; for reference OLMo 2 counts values 7 sd from the rolling mean of 1,000.
    """

    def __init__(self, width: int = 128, every: int = 16, lag: int = 0, least: int = 10, floor: float = 1e-3):
        self.width, self.every, self.least, self.floor = width, every, least, floor
        self._past = np.full(width + lag, np.nan)
        self._count = 0
        self._now = np.full((2, 1), np.nan)

    def feed(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Level and spread [n] that stood before each of the next `values` [n]."""
        if not len(values):
            return np.empty(0), np.empty(0)
        known = np.concatenate([self._past, np.where(np.isfinite(values), values, np.nan)])
        positions = self._count + np.arange(len(values))
        renewed = np.flatnonzero((positions < 2 * self.every) | (positions % self.every == 0))
        windows = np.lib.stride_tricks.sliding_window_view(known, self.width)
        found = [self._measure(windows[renewed[i : i + ROWS]]) for i in range(0, len(renewed), ROWS)]
        table = np.concatenate([self._now, *found], axis=1)
        level, spread = table[:, np.searchsorted(renewed, np.arange(len(values)), side="right")]
        self._past = known[len(known) - len(self._past) :].copy()
        self._count += len(values)
        self._now = table[:, -1:]
        return level, spread

    def _measure(self, windows: np.ndarray) -> np.ndarray:
        """[2, rows]: median and robust sd of each row's finite values."""
        level = middle(windows)
        spread = ROBUST_SD * middle(np.abs(windows - level[:, None]))
        few = np.isfinite(windows).sum(1) < self.least
        return np.where(few, np.nan, [level, np.maximum(spread, self.floor * np.abs(level))])


def middle(rows: np.ndarray) -> np.ndarray:
    """Median of each row's values that are not NaN; NaN where there are none."""
    ordered = np.sort(rows, axis=1)  # NaN last
    count = rows.shape[1] - np.isnan(ordered).sum(1)
    at = np.arange(len(rows))
    return (ordered[at, np.maximum(count - 1, 0) // 2] + ordered[at, np.minimum(count // 2, rows.shape[1] - 1)]) / 2
