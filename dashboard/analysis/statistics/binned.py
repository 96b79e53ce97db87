"""A noisy series as means over bins with their standard errors: what curves of several runs are compared by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BINS = 400  # about, at most
POINTS = 25  # in a bin at most, where it need not be more
PLACES = 20_000  # where the noise is looked at


@dataclass(frozen=True, eq=False)
class Binned:
    """Per bin its middle `x`, the `mean` of its finite values, the standard `error` of that, and their count `n`."""

    x: np.ndarray
    mean: np.ndarray
    error: np.ndarray
    n: np.ndarray

    def __len__(self) -> int:
        return len(self.x)


def binned(x: np.ndarray, values: np.ndarray, edges: np.ndarray | None = None) -> Binned:
    """Means over bins of x [n], increasing; empty bins are left out.

    Without `edges` [k + 1] a bin holds a twentieth of the points before it, at most 25 (of long series a 400th of
    them): where a curve falls steeply, bins are short. With s the noise of a point and r the correlation of
    neighbours' noise (see `noise`),

        error = s * sqrt((1 + r) / (1 - r) / n)

    Values that are not finite count in no bin.
    """
    x, values = np.asarray(x, float), np.asarray(values, float)
    keep = np.isfinite(values) & np.isfinite(x)
    x, values = x[keep], values[keep]
    if not len(x):
        return Binned(*(np.empty(0) for _ in range(4)))
    error, r = noise(values)
    if edges is None:
        edges = np.append(x[_starts(len(x))], np.nextafter(x[-1], np.inf))
    at = np.searchsorted(edges, x, side="right") - 1
    inside = (at >= 0) & (at < len(edges) - 1)
    at, x, values = at[inside], x[inside], values[inside]
    n = np.bincount(at, minlength=len(edges) - 1)
    some = n > 0
    count = n[some].astype(float)
    mean = np.bincount(at, values, len(n))[some] / count
    place = np.bincount(at, x, len(n))[some] / count
    alike = np.sqrt(np.where(count > 1, (1 + r) / (1 - r), 1.0))
    return Binned(place, mean, error * alike / np.sqrt(count), count)


def _starts(n: int) -> list[int]:
    """The first points of bins."""
    at, starts, most = 0, [], max(POINTS, n // BINS)
    while at < n:
        starts.append(at)
        at += min(max(at // 20, 1), most)
    return starts


def noise(values: np.ndarray) -> tuple[float, float]:
    """Standard deviation of the noise of a point, and the correlation r of neighbours' noise, in [0, .9].

    From d_k = v_i - (v_i-k + v_i+k) / 2, in which no straight trend is left; noise that is correlated as r^k has
    var d_k = s^2 (1 - r^k) (3 - r^k) / 2. Of long series 20,000 places are looked at.
    """
    if len(values) < 5:
        return 0.0, 0.0
    i = np.arange(2, len(values) - 2, max(1, len(values) // PLACES))
    away = (values[i] - (values[i - k] + values[i + k]) / 2 for k in (1, 2))
    near, far = ((1.4826 * float(np.median(np.abs(d)))) ** 2 for d in away)
    if near == 0:
        return 0.0, 0.0
    r = float(np.interp(far / near, (1 + _R) * (3 - _R**2) / (3 - _R), _R))
    return float(np.sqrt(2 * near / ((1 - r) * (3 - r)))), r


_R = np.linspace(0.0, 0.9, 91)
