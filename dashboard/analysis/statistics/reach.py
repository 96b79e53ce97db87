"""When a run reaches a loss, and how many times sooner than another: comparison at equal quality, not at equal step."""

from __future__ import annotations

import math

import numpy as np

from ....errors import InvalidInput
from ....interval import Interval
from .binned import Binned

CLEAR = 8.0  # standard errors that the slope of the loss is away from 0 in the stretch that a crossing is told from
Z90 = 1.645


NEVER = Interval(math.inf, math.inf, math.inf)
UNKNOWN = Interval(math.nan, math.nan, math.nan)


def reach(curve: Binned, target: float) -> Interval:
    """The first x at which the expected loss is at or below `target`; infinite where that lies beyond the record.

    curve: means of the loss over bins of the axis (steps, tokens, FLOPs, hours). Single batches cross any target
    early, so a straight line a + s (u - u_0), u = log x, is fitted to the means about the crossing, over the shortest
    stretch in which it clearly falls, s < -8 standard errors:

        u = u_0 + (target - a) / s,   error = sqrt(var a + (u - u_0)^2 var s) / |s|

    Raises ValueError for a target that is no finite number, and for a curve without a point.

    >>> from barograph.dashboard.analysis.statistics.binned import binned
    >>> round(reach(binned(2.0 ** np.arange(9), 9.0 - np.arange(9)), 5.5).mid, 6) == round(2**3.5, 6)
    True
    """
    _check(curve, target)
    found = _crossing(curve, target)
    if found is None:
        return NEVER
    at, error = found
    high = at + Z90 * error
    return Interval(at, max(at - Z90 * error, float(curve.x[0])), high if high <= curve.x[-1] else math.inf)


def speedup(curve: Binned, other: Binned, target: float) -> Interval:
    """How many times sooner the first run reaches `target` than the other: x of the other / x, without a unit.

    Above 1 the first run is faster; NaN where one of them does not reach the target. It is how papers say that
    one data mixture needs 2.6 times fewer steps than another (arXiv:2305.10429).
    """
    for one in (curve, other):
        _check(one, target)
    a, b = _crossing(curve, target), _crossing(other, target)
    if a is None or b is None or min(a[0], b[0]) <= 0:
        return UNKNOWN
    ratio, spread = b[0] / a[0], np.exp(Z90 * np.hypot(a[1] / a[0], b[1] / b[0]))
    return Interval(float(ratio), float(ratio / spread), float(ratio * spread))


def _check(curve: Binned, target: float) -> None:
    if not np.isfinite(target):
        raise InvalidInput(f"the target is {target}: expected a finite loss")
    if not len(curve):
        raise InvalidInput("the series has no finite value: nothing can be reached")


def _crossing(curve: Binned, target: float) -> tuple[float, float] | None:
    """Where the curve comes down to the target, and the standard error of that; None where it does not."""
    if curve.mean[0] <= target:
        return float(curve.x[0]), 0.0
    found, clearest, width, most = None, 0.0, 1, max(len(curve) // 2, 1)
    while clearest < CLEAR and width <= most:
        at = _first(curve.mean, width, target)
        if at is not None:
            near = slice(max(at - width, 0), at + width)
            line = _line(curve.x[near], curve.mean[near], curve.error[near], target)
            if line is not None and line[2] > clearest:
                found, clearest = line[:2], line[2]
        width *= 2
    if found is None or not curve.x[0] <= found[0] <= curve.x[-1] + Z90 * found[1]:
        return None
    return min(found[0], float(curve.x[-1])), found[1]  # within its error of the end: at the end


def _first(means: np.ndarray, width: int, target: float) -> int | None:
    """The first bin that ends `width` bins whose mean is at or below the target, moved back to their middle."""
    if len(means) < width:
        return None
    sums = np.concatenate([[0.0], np.cumsum(means)])
    below = np.flatnonzero((sums[width:] - sums[:-width]) / width <= target)
    return int(below[0]) + width // 2 if len(below) else None


def _line(x: np.ndarray, means: np.ndarray, errors: np.ndarray, target: float) -> tuple[float, float, float] | None:
    """Where the line through the means falls to the target, its standard error, and how clearly it falls."""
    if len(x) < 2:
        return None
    logged = x[0] > 0  # what falls as a power of x is straighter over log x
    x = np.log(x) if logged else x
    w = 1 / np.maximum(errors, 1e-12 * max(abs(target), 1e-12)) ** 2
    middle = float(w @ x / w.sum())
    level, across = float(w @ means / w.sum()), float(w @ (x - middle) ** 2)
    slope = float(w @ ((x - middle) * means)) / across
    if slope >= 0:
        return None
    away = (target - level) / slope
    error = float(np.sqrt(1 / w.sum() + away**2 / across)) / -slope
    at = middle + away
    at, error = (float(np.exp(at)), error * float(np.exp(at))) if logged else (at, error)
    return at, error, -slope * np.sqrt(across)
