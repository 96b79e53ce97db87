"""Cadences: functions step -> bool that say whether something is due at an optimizer step."""

from __future__ import annotations

from collections.abc import Callable

Cadence = Callable[[int], bool]


def every(n: int) -> Cadence:
    """Due at step 1, so that a new run has a first point at once, and at every multiple of `n`; never for n = 0.

    >>> [step for step in range(1, 13) if every(5)(step)]
    [1, 5, 10]
    """
    if n < 0:
        raise ValueError(f"every({n}): expected 0 (never) or a number of steps")
    if n == 0:
        return lambda step: False
    return lambda step: step == 1 or step % n == 0


def log_spaced(per_decade: int = 10) -> Cadence:
    """Due at about `per_decade` steps in each factor of ten: dense while a run changes fast, sparse later.

    >>> [step for step in range(1, 101) if log_spaced(3)(step)]
    [1, 2, 5, 10, 22, 46, 100]
    """
    if per_decade < 1:
        raise ValueError(f"log_spaced({per_decade}): expected at least one step per factor of ten")

    def index(step: int) -> int:  # how many of the marks round(10 ** (i / per_decade)) lie at or below `step`
        i = 0
        while round(10 ** (i / per_decade)) <= step:
            i += 1
        return i

    marks: set[int] = set()

    def due(step: int) -> bool:
        if step < 1:
            return False
        if not marks or step > max(marks):
            marks.update(round(10 ** (i / per_decade)) for i in range(index(step) + per_decade))
        return step in marks

    return due
