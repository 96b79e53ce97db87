"""Profile intervals: how far a constant can be moved before the best fit of all others becomes too bad."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import chi2

from ....errors import CannotForecast
from ....interval import Interval
from .descent import descend
from .fit import LEVEL, Fitted

STEPS, WIDEST = 41, 4.0  # values tried, and how many bootstrap half-widths they reach


def profile(fitted: Fitted, name: str, level: float = LEVEL) -> Interval:
    """The values of a constant at which twice the rise of the objective, all others refitted, stays under a chi-square.

    Look at it beside the bootstrap where a law has a ridge (A and alpha, E and E_0): two methods that disagree say that
    the table does not hold the constant. Huber's objective is no likelihood; its rise is scaled by what the bootstrap's
    draws rise on average, which for p constants would be p / 2 of a likelihood's. Raises ValueError for a constant that
    was held."""
    if name in fitted.held:
        raise CannotForecast(f"{name} was held at {fitted.held[name]:g}: it has no profile")
    i, law = fitted.law.parameters.index(name), fitted.law
    at, loss, weights = fitted.table.columns, fitted.table.loss, fitted.weights[None]
    free = np.array([one not in fitted.held for one in law.parameters])
    rises = descend(law, at, loss, fitted.draws, weights, np.zeros(len(free), bool), fitted.delta)[1] - fitted.cost
    scale = max(float(np.median(rises)) / (0.5 * chi2.ppf(0.5, free.sum())), 1e-300)
    half = max(fitted.interval(name, level).map(math.log).width, 1e-9) / 2
    reach = WIDEST * half
    tried = fitted.x[i] + np.linspace(-reach, reach, STEPS)
    begin = np.repeat(fitted.x[None], STEPS, 0)
    begin[:, i] = tried
    free[i] = False
    cost = descend(law, at, loss, begin, weights, free, fitted.delta)[1]
    rise = 2 * (cost - fitted.cost) / scale - chi2.ppf(level, 1)
    inside = np.flatnonzero(rise <= 0)
    low, high = _edge(tried, rise, int(inside[0]), -1), _edge(tried, rise, int(inside[-1]), 1)
    return Interval(float(fitted.x[i]), low, high, level).map(math.exp)


def _edge(tried: np.ndarray, rise: np.ndarray, last: int, way: int) -> float:
    """Where the rise crosses 0 beyond `last`, the outermost value inside."""
    beyond = last + way
    if not 0 <= beyond < len(tried) or not np.isfinite(rise[beyond]):
        return float(tried[last])
    share = -rise[last] / (rise[beyond] - rise[last])
    return float(tried[last] + share * (tried[beyond] - tried[last]))
