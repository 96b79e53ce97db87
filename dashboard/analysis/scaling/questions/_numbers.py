"""Numbers as they stand in addresses and answers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial

from .....errors import CannotForecast
from ..fit import Fitted

nats = partial("{:.4f}".format)  # how a loss is written in an answer


def positive(text: str) -> float:
    """A finite number above 0 from an address; ValueError for anything else."""
    value = float(text)
    if not 0 < value < math.inf:
        raise ValueError(f"{text[:20]!r} is not a number above 0")
    return value


def written(value: float) -> str:
    """A number for an address, exactly; without a plus sign, which an address reads as a space.

    >>> written(1e21), written(0.5), written(7e9)
    ('1e21', '0.5', '7e9')
    """
    short = f"{value:g}"
    return (short if float(short) == value else repr(float(value))).replace("e+0", "e").replace("e+", "e")


def point_of(arguments: Sequence[str]) -> dict[str, float]:
    """A point from an address: `column:value` each; ValueError where there is none."""
    point = {name: positive(value) for name, value in (text.split(":") for text in arguments)}
    if not point:
        raise ValueError("expected column:value, as in params:7e9")
    return point


def written_point(point: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(f"{name}:{written(value)}" for name, value in point.items())


def complete(fitted: Fitted, point: Mapping[str, float]) -> Mapping[str, float]:
    """The point, if it has a value for each column of the law. Raises CannotForecast naming those it lacks."""
    missing = [name for name in fitted.law.columns if name not in point]
    if missing:
        raise CannotForecast(f"the {fitted.law.title} needs {', '.join(missing)} too; add {missing[0]}:value")
    return point
