"""A number with the interval that should hold the truth: forecasts, fitted constants, answers and crossings alike."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .formatting import number


@dataclass(frozen=True)
class Interval:
    """`mid` between `low` and `high`, which hold the truth with probability `level`.

    An end that lies beyond all that can be said is infinite; a number that is not known at all is NaN.
    """

    mid: float
    low: float
    high: float
    level: float = 0.9

    @property
    def reachable(self) -> bool:
        """Whether the middle is a number at all: known, and not infinitely far."""
        return math.isfinite(self.mid)

    @property
    def width(self) -> float:
        return self.high - self.low

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high

    def map(self, change: Callable[[float], float]) -> Interval:
        """The same under an increasing function: another unit, an exponential.

        >>> Interval(2.0, 1.0, 3.0).map(lambda steps: 60 * steps)
        Interval(mid=120.0, low=60.0, high=180.0, level=0.9)
        """
        return Interval(change(self.mid), change(self.low), change(self.high), self.level)

    def __neg__(self) -> Interval:
        return Interval(-self.mid, -self.high, -self.low, self.level)

    def span(self, show: Callable[[float], str] = number, beyond: str = "out of reach") -> str:
        """The two ends in words.

        >>> Interval(3.05, 3.02, 3.0912).span(), Interval(10, 8, math.inf).span()
        ('3.02 to 3.091', '8 to out of reach')
        """
        return f"{_shown(self.low, show, beyond)} to {_shown(self.high, show, beyond)}"

    def text(self, show: Callable[[float], str] = number, beyond: str = "out of reach") -> str:
        """The number with its interval in words; `show` writes one number, `beyond` stands for an infinite one.

        >>> Interval(3.05, 3.02, 3.0912).text(), Interval(math.inf, 8, math.inf).text()
        ('3.05 (3.02 to 3.091)', 'out of reach, at best 8')
        >>> Interval(math.nan, math.nan, math.nan).text()
        '–'
        """
        if math.isnan(self.mid):
            return "–"
        if self.reachable:
            return f"{show(self.mid)} ({self.span(show, beyond)})"
        return f"{beyond}, at best {show(self.low)}" if math.isfinite(self.low) else beyond

    def __str__(self) -> str:
        return self.text()


@dataclass(frozen=True, eq=False)
class Band:
    """Many numbers with their intervals: arrays of one shape; `band[i]` is the i-th as an `Interval`."""

    mid: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    level: float = 0.9

    def __len__(self) -> int:
        return len(self.mid)

    def __getitem__(self, place: int) -> Interval:
        return Interval(float(self.mid[place]), float(self.low[place]), float(self.high[place]), self.level)

    def map(self, change: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Band:
        """The same under an increasing function."""
        return Band(change(self.mid), change(self.low), change(self.high), self.level)

    def holds(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which of the values (n,) lie inside."""
        return (self.low <= values) & (values <= self.high)


def _shown(value: float, show: Callable[[float], str], beyond: str) -> str:
    return beyond if math.isinf(value) else show(value)
