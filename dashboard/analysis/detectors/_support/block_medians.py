"""Medians of a few successive points, in which single outliers vanish."""

from __future__ import annotations

import numpy as np

from ..detector import Points


class BlockMedians:
    """The median of each `size` successive finite values, at the step of the last of them."""

    def __init__(self, size: int = 8) -> None:
        self.size = size
        self._steps, self._values = np.empty(0, np.int64), np.empty(0)

    def feed(self, steps: np.ndarray, values: np.ndarray) -> Points:
        """Steps and medians of the blocks that these points [n] complete."""
        keep = np.isfinite(values)
        steps = np.concatenate([self._steps, steps[keep]])
        values = np.concatenate([self._values, values[keep]])
        full = len(steps) // self.size * self.size
        self._steps, self._values = steps[full:], values[full:]
        return steps[self.size - 1 : full : self.size], np.median(values[:full].reshape(-1, self.size), axis=1)
