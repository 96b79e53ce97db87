"""What was usual before: a running median and robust spread that a spike cannot inflate."""

from __future__ import annotations

import numpy as np

HALF = 0.6745  # median absolute deviation of a normal distribution, in sd
TAIL, TAIL_SD = 0.9, 1.2816  # its 90 % quantile, in sd
TAIL_LIMIT = 2.0  # the tail widens the spread by no more than this
ROWS = 4096  # windows sorted at once: bounds the memory


class RunningBaseline:
    """Level and spread of the last points *before* each point, by position, the same however the points are cut.

    Before point i (counted from the series' start) stand the `width` points i' - lag - width ... i' - lag - 1, where i'
    is i rounded down to a multiple of `every`; among the first 2 * every points i' = i. Non-finite values are left out.
    level = median; spread = (90 % quantile - median) / 1.2816, kept within one and two times MAD / .6745, and at least
    `floor` * |level|. Both are the sd where the noise is normal; the quantile knows of noise with a second mode above
    (mixed batches), the limit keeps spikes that come again and again from becoming the usual. Until
    `least` finite points have been seen both are NaN, so that comparisons with them are false. A lag keeps the
    beginning of a slow rise out of what it is held against. Source: medians instead of means because 7 sd of a window
    that contains the spike is no test at all; for reference OLMo 2 counts values 7 sd from the rolling mean of 1,000.
    """

    def __init__(self, width: int = 128, every: int = 32, lag: int = 0, least: int = 10, floor: float = 1e-3) -> None:
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
        """[2, rows]: median and spread of each row's finite values."""
        level, spread = middle_and_spread(windows)
        few = windows.shape[1] - np.isnan(windows).sum(1) < self.least
        return np.where(few, np.nan, [level, np.maximum(spread, self.floor * np.abs(level))])


def middle_and_spread(windows: np.ndarray) -> np.ndarray:
    """[2, rows]: median of each row's finite values, and their spread as in `RunningBaseline`, without its floor."""
    ordered = np.sort(windows, axis=1)  # NaN last
    count = windows.shape[1] - np.isnan(ordered).sum(1)
    level = quantile(ordered, count, 0.5)
    away = np.sort(np.abs(windows - level[:, None]), axis=1)
    middle = quantile(away, count, 0.5) / HALF
    spread = np.clip((quantile(ordered, count, TAIL) - level) / TAIL_SD, middle, TAIL_LIMIT * middle)
    return np.array([level, spread])


def finite(points: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The points whose value is finite, cut at +-1e100 so that no sum overflows; the others have a detector."""
    steps, values = points
    if not np.isfinite(values).all():
        steps, values = steps[np.isfinite(values)], values[np.isfinite(values)]
    return steps, np.clip(values, -1e100, 1e100)


def quantile(ordered: np.ndarray, count: np.ndarray, share: float) -> np.ndarray:
    """Quantile of the first `count` values of each row in order, interpolated."""
    at = np.maximum(count - 1, 0) * share
    low = at.astype(int)
    row = np.arange(len(ordered))
    below, above = ordered[row, low], ordered[row, np.minimum(low + 1, np.maximum(count - 1, 0))]
    found: np.ndarray = below + (at - low) * (above - below)
    return found


def confidence(score: float, limit: float) -> float:
    """A score at its limit is worth 1/2, at ten times its limit .95: 1 - limit / (2 score)."""
    return 1 - limit / (2 * max(score, limit))
