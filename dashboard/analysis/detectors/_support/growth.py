"""Where a growing quantity is going: its trend on a logarithmic scale, and when it will reach a limit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from .....interval import Interval

WINDOW, FEWEST = 24, 8  # points of a fit
REACH = 4.0  # windows: growth seen over n steps supports no projection beyond 4 n
CURVATURES = np.array([-1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 4.0])  # per window; below 0 the growth speeds up, above it slows
PRIOR = np.array([0.5, 1.0, 2.0, 2.0, 2.0, 2.0, 2.0])  # healthy growth slows: it has to be shown that this one does not
LEVELS = (np.arange(64) + 0.5) / 64


@dataclass(frozen=True)
class Growth:
    """A trend y(t) = intercept + slope * (t - at) near the step `at`, and the step of `crossing` the limit.

    The crossing's 5, 50 and 95 % quantiles are infinite where they are not foreseeable.
    """

    at: int
    intercept: float
    slope: float  # per step
    rise: float  # over the window
    crossing: Interval


def project(steps: np.ndarray, logs: np.ndarray, limit: float) -> Growth:
    """Project the crossing of `limit` from a window of points [n] of a logarithm.

    With u = (t - t_n) / (t_n - t_1), y = a + b (1 - exp(-k u)) / k for each k of CURVATURES (k = 0: a + b u), by least
    squares with Huber weights from a running median; the curves are averaged by their posterior weights,
    prior * SSE^(-m/2), with m the number of points that the residuals' correlation leaves. So growth that slows down
    is not prolonged as if it did not, and where the window cannot tell the interval is wide.
    """
    span = float(steps[-1] - steps[0])
    u = (steps - steps[-1]) / span
    n, k = len(u), CURVATURES[:, None]
    safe = np.where(k == 0, 1, k)
    basis = np.where(k == 0, u, -np.expm1(-safe * u) / safe)  # [curve, n]
    weight = _weights(u, logs)
    total = weight.sum()
    middle, mean = (basis @ weight / total)[:, None], logs @ weight / total
    spread = (basis - middle) ** 2 @ weight
    b = ((basis - middle) * (logs - mean)) @ weight / spread
    a = mean - b * middle[:, 0]
    residual = logs - a[:, None] - b[:, None] * basis
    best = residual[np.argmin(residual**2 @ weight)]
    correlation = np.clip(best[1:] @ best[:-1] / max(best @ best, 1e-30) + 4 / n, 0, 0.8)  # fits bias it down by 4/n
    left = max(total * (1 - correlation) / (1 + correlation), 4.0)
    error = residual**2 @ weight / total + 0.01**2  # a floor: 1 %
    posterior = PRIOR * (error / error.min()) ** (-left / 2)
    posterior /= posterior.sum()

    se = np.sqrt(error * total / (left - 2) / spread)
    slopes = b[:, None] + se[:, None] * stdtrit(left - 2, LEVELS)  # [curve, quantile]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        here = mean - slopes * middle  # the line turns about the middle of its points
        far = (limit - here) / slopes
        ahead = np.where(k == 0, far, -np.log1p(-safe * far) / safe)
    ahead = np.where(limit <= here, 0.0, np.where((slopes > 0) & (k * far < 1) & (ahead <= REACH), ahead, np.inf))
    order = np.argsort(ahead, axis=None)
    chance = np.cumsum(np.repeat(posterior / len(LEVELS), len(LEVELS))[order])
    low, mid, high = (ahead.ravel()[order][np.searchsorted(chance, q)] for q in (0.05, 0.5, 0.95))
    at, level, rate = int(steps[-1]), float(posterior @ a), float(posterior @ b)
    crossing = Interval(*(float(steps[-1] + span * x) for x in (mid, low, high)))
    return Growth(at, level, rate / span, rate, crossing)


def _weights(u: np.ndarray, logs: np.ndarray) -> np.ndarray:
    """Huber's weights of the points about a running median of five, once the median slope is taken out."""
    i, j = np.triu_indices(len(u), 1)
    flat = logs - np.median((logs[j] - logs[i]) / (u[j] - u[i])) * u
    around = np.lib.stride_tricks.sliding_window_view(np.pad(flat, 2, mode="reflect"), 5)
    away = np.abs(flat - np.median(around, axis=1))
    weights: np.ndarray = np.minimum(1, 2 * max(1.4826 * np.median(away), 0.01) / np.maximum(away, 1e-12))
    return weights


class Windows:
    """The latest WINDOW points of a series at every scale: single points, means of 2, 4, 8 ... points.

    So growth over twenty points and growth over a hundred thousand are both seen whole, in bounded memory, and where
    the points fall does not depend on how they arrive.
    """

    def __init__(self) -> None:
        self._kept: list[np.ndarray] = []  # by scale; [2, <= WINDOW], the newest
        self._odd: list[np.ndarray] = []  # by scale; [2, <= 1], waits for its pair

    def add(self, steps: np.ndarray, values: np.ndarray) -> list[int]:
        """Take in new points; the scales that got a new one."""
        scale, new = 0, np.array([steps, values], float)
        while new.shape[1]:
            if scale == len(self._kept):
                self._kept.append(np.empty((2, 0)))
                self._odd.append(np.empty((2, 0)))
            self._kept[scale] = np.concatenate([self._kept[scale], new], axis=1)[:, -WINDOW:]
            joined = np.concatenate([self._odd[scale], new], axis=1)
            pairs = joined.shape[1] // 2 * 2
            self._odd[scale] = joined[:, pairs:]
            new = (joined[:, 0:pairs:2] + joined[:, 1:pairs:2]) / 2
            scale += 1
        return list(range(scale))

    def of(self, scale: int) -> np.ndarray:
        """Steps and values, each [<= WINDOW]."""
        return self._kept[scale]
