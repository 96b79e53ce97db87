"""Names that differ in their numbers alone: a step, an index or a date that went into a metric's name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from .keys import SeriesKey


def family(key: SeriesKey) -> str:
    """What a key has in common with those that differ in a number.

    >>> family("loss_step_120"), family(("norm", "block 3"))
    ('loss_step_*', 'norm/block *')
    """
    name = "/".join(map(str, key)) if isinstance(key, tuple) else str(key)
    return re.sub(r"\d+", "*", name)


def largest(keys: Iterable[SeriesKey]) -> tuple[str, int]:
    """The family with the most members, and how many it has; ("", 0) of nothing."""
    return next(iter(Counter(map(family, keys)).most_common(1)), ("", 0))


def crowds(keys: Iterable[SeriesKey], most: int = 1000) -> dict[str, int]:
    """The families with more than `most` members, and how many each has: a mistake, not signals to choose from.

    >>> crowds(["loss", *(f"loss_step_{n}" for n in range(5))], most=4)
    {'loss_step_*': 5}
    """
    return {name: count for name, count in Counter(map(family, keys)).items() if count > most}
