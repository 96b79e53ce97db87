"""Where a measure that rose begins to fall, with an interval: the laws of over-optimisation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from ....interval import Interval

LEAST_AFTER = 4  # independent points behind the turning point that say how it goes on
MOST_MEMORY = 0.9
SURE = 0.99998  # of each bound of a slope: many turning points are tried, and again at each evaluation


@dataclass(frozen=True)
class Turn:
    """The step `at` which a rise becomes a fall; `memory` is the noise's lag-one correlation."""

    at: Interval
    memory: float


def turning_point(steps: np.ndarray, values: np.ndarray) -> Turn | None:
    """The top of the best of four shapes, among the steps [n]; None where none of them fits with a top.

    With d = sqrt(t), a distance that grows like the root of the steps since 0 (or since just before the first one),
    the shapes for a top at T are d (1 + log(D / d)) and -(d - D)^2, the two laws of over-optimisation, -(t - T)^2, and
    two lines that meet at T; scale and offset by least squares, the shapes compared by BIC. The T whose sum of squares
    an F test does not reject at 10 %, with as many degrees of freedom as the memory of the noise leaves, make the
    interval.
    Source: Gao et al. 2022.
    """
    n = len(steps)
    gap = float(np.median(np.diff(steps)))
    first = steps[0] if 0 < steps[0] <= gap else gap if steps[0] else gap / 50  # steps since the beginning, not 0
    u = (steps - steps[0] + first) / (steps[-1] - steps[0] + first)
    tops, d, y = u[1:-1, None], np.sqrt(u), values - values.mean()
    shapes = [d * (1 + np.log(np.sqrt(tops) / d)), -((d - np.sqrt(tops)) ** 2), -((u - tops) ** 2)]
    fits = [_one(shape, y) for shape in shapes] + [_bend(np.minimum(u, tops), np.maximum(0, u - tops), y)]
    squares = np.array([np.where(top, (left**2).sum(1), np.inf) * n ** (k / n) for left, top, k in fits])  # by BIC
    k, best = np.unravel_index(np.argmin(squares), squares.shape)
    if not 0 < squares[k, best] < np.inf:
        return None
    left = fits[k][0][best]
    memory = left[1:] @ left[:-1] / (left @ left)
    memory = float(np.clip(memory + (4 + 8 * memory) / n, 0, MOST_MEMORY))  # what a fit leaves looks less so
    dof = max((n - 4) * (1 - memory) / (1 + memory), 2.0)
    inside = np.flatnonzero(squares.min(0) <= squares[k, best] * (1 + stdtrit(dof, 0.95) ** 2 / dof))
    at = Interval(*(float(steps[i]) for i in (best + 1, inside[0], inside[-1] + 2)))  # the next are possible too
    return Turn(at, memory)


def slope_bounds(steps: np.ndarray, values: np.ndarray, since: float, memory: float = 0.0) -> tuple[float, float]:
    """Least and highest slope of a straight line from a step on; unbounded with too few independent points."""
    steps, values = steps[steps >= since], values[steps >= since]
    worth = len(steps) * (1 - memory) / (1 + memory)
    if worth < LEAST_AFTER:
        return -np.inf, np.inf
    u = (steps - steps.mean()) / (steps[-1] - steps[0])
    slope = u @ values / (u @ u)
    residual = values - values.mean() - slope * u
    reach = stdtrit(worth - 2, SURE) * np.sqrt(residual @ residual / (worth - 2) / (u @ u))
    return float(slope - reach), float(slope + reach)


def _one(shape: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Least squares of y [n], of mean 0, on an offset and one shape per top [top, n]: what is left, and if it rises."""
    shape = shape - shape.mean(1, keepdims=True)
    scale = shape @ y / (shape**2).sum(1)
    return y - scale[:, None] * shape, scale > 0, 2


def _bend(before: np.ndarray, behind: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """The same on two lines that meet: the one before the top rises, the one behind it falls."""
    a, b = (shape - shape.mean(1, keepdims=True) for shape in (before, behind))
    aa, bb, ab, ay, by = (a**2).sum(1), (b**2).sum(1), (a * b).sum(1), a @ y, b @ y
    rise, fall = np.array([bb * ay - ab * by, aa * by - ab * ay]) / (aa * bb - ab**2)
    return y - rise[:, None] * a - fall[:, None] * b, (rise > 0) & (fall < 0), 3
