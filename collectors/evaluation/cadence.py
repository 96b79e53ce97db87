"""Schedules of what is too dear for every step: functions from the steps since the last boundary to yes or no."""

from __future__ import annotations

import math
from collections.abc import Callable

Cadence = Callable[[int], bool]


def every(n: int) -> Cadence:
    """Each `n`-th step.

    >>> [step for step in range(25) if every(10)(step)]
    [0, 10, 20]
    """
    if n < 1:
        raise ValueError(f"every({n}): expected a number of steps, at least 1")
    return lambda since: since % n == 0


def log_spaced(dense: int = 100, per_decade: int = 10) -> Cadence:
    """Every step up to `dense`, then `per_decade` times while the steps grow tenfold.

    What happens after a change of task happens at once: recall falls steeply in the first 10 updates, most of a
    stability gap is over within 50, and the rest is spread over decades. Sources: De Lange et al. 2023; Orhan 2023.

    >>> due = log_spaced(dense=5, per_decade=4)
    >>> [step for step in range(300) if due(step)]
    [0, 1, 2, 3, 4, 5, 9, 16, 28, 50, 89, 158, 281]
    """
    if dense < 1 or per_decade < 1:
        raise ValueError(f"log_spaced({dense}, {per_decade}): expected two numbers, at least 1")

    def due(since: int) -> bool:
        if since <= dense:
            return True
        nearest = round(math.log10(since / dense) * per_decade)
        return since == round(dense * 10 ** (nearest / per_decade))

    return due
