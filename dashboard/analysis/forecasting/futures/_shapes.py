"""What several futures are made of: decays of a few shapes, and knots behind the past."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .....errors import CannotForecast
from ..schedule import Schedule

POINTS = 200  # knots of a curved piece
SHAPES = ("linear", "cosine", "sqrt", "inverse")
LOWEST = {"inverse": 0.1}  # of the peak: where a decay of this shape ends unless said otherwise; others end at 0


def shape(kind: str, u: NDArray[np.float64], high: float, low: float) -> NDArray[np.float64]:
    """The LR from `high` (u = 0) to `low` (u = 1)."""
    if kind == "linear":
        return high + (low - high) * u
    if kind == "cosine":
        return low + (high - low) * 0.5 * (1 + np.cos(np.pi * u))
    if kind == "sqrt":
        return low + (high - low) * (1 - np.sqrt(u))
    if kind == "inverse":
        if low <= 0:
            raise CannotForecast("an inverse decay needs an end above 0: 1 / LR runs linearly from 1 / high to 1 / low")
        return 1 / ((1 - u) / high + u / low)
    raise CannotForecast(f"unknown decay {kind!r}: choose linear, cosine, sqrt or inverse")


def append(schedule: Schedule, at: int, steps: ArrayLike, lr: ArrayLike) -> Schedule:
    """The schedule up to `at`, then the given knots (steps > at)."""
    past = schedule.upto(min(at, schedule.total)) if at < schedule.total else schedule
    steps, lr = np.asarray(steps, float), np.asarray(lr, float)
    return Schedule(np.concatenate([past.steps, steps]), np.concatenate([past.lr, lr]), schedule.warmup)
