"""A whole series in bounded memory: its points join in pairs as it grows, so that its shape stays."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np


class Downsampled:
    """Means of `every`, 2 `every`, 4 `every` ... successive finite values: between `size` / 2 and `size` of them.

    `every` is a power of two. Means are taken pair by pair, so that they are the same to the last bit however the
    points are cut. `steps` are the last step of each mean.
    """

    def __init__(self, size: int = 256, every: int = 1) -> None:
        self.size, self.stride = size, every
        self._n = self._waiting = 0
        self._kept = np.empty((2, size))
        self._odd = [np.empty(0) for _ in range(every.bit_length() - 1)]  # by level; waits for its pair

    def __len__(self) -> int:
        return self._n

    @property
    def steps(self) -> np.ndarray:
        return self._kept[0, : self._n]

    @property
    def values(self) -> np.ndarray:
        return self._kept[1, : self._n]

    def clear(self) -> None:
        """Forget everything but the stride."""
        self._n = self._waiting = 0
        self._odd = [np.empty(0) for _ in self._odd]

    def feed(self, steps: np.ndarray, values: np.ndarray) -> Iterator[int]:
        """Takes in new points; stops at each mean that completes and hands over its step: the moment to decide."""
        keep = np.isfinite(values)
        steps, values = steps[keep], values[keep]
        while len(steps):
            room = (self.size - self._n) * self.stride - self._waiting
            means = self._pair(values[:room])
            ends = steps[:room][self.stride - self._waiting - 1 :: self.stride]
            self._waiting = (self._waiting + len(steps[:room])) % self.stride
            steps, values = steps[room:], values[room:]
            for step, mean in zip(ends.tolist(), means.tolist(), strict=True):
                self._kept[:, self._n] = step, mean
                self._n += 1
                yield step
            if self._n == self.size:
                self._halve()

    def add(self, steps: np.ndarray, values: np.ndarray) -> None:
        """Takes in new points without stopping."""
        for _ in self.feed(steps, values):
            pass

    def _pair(self, values: np.ndarray) -> np.ndarray:
        """The means of `stride` values that complete with these."""
        for level, odd in enumerate(self._odd):
            joined = np.concatenate([odd, values])
            pairs = len(joined) // 2 * 2
            self._odd[level] = joined[pairs:]
            values = joined[0:pairs:2] / 2 + joined[1:pairs:2] / 2
        return values

    def _halve(self) -> None:
        half = self.size // 2
        self._kept[0, :half] = self._kept[0, 1::2]
        self._kept[1, :half] = self._kept[1, 0::2] / 2 + self._kept[1, 1::2] / 2
        self._n, self.stride = half, 2 * self.stride
        self._odd.append(np.empty(0))
