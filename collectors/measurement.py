"""What a measurement is: its parts, its moment in a step, and the reason why there is none."""

from __future__ import annotations

from enum import Enum

from torch import Tensor

Part = str | tuple[str, ...]  # a part of several axes: a name for each
Parts = tuple[Part, ...]
Measured = float | Tensor | tuple[Parts, list[float] | Tensor] | None
Key = str | tuple[str, ...]  # of a series: a name, or a name and its part
Item = tuple[str, Parts | None, float | list[float] | Tensor]  # a signal, its parts, a value for each
KeyedItem = tuple[Key, Parts | None, float | list[float] | Tensor]  # without parts the name may be a key


class Moment(Enum):
    """When a signal is measured."""

    BEFORE = "before the step: gradients as the optimizer receives them, weights and optimizer state still old"
    AFTER = "after the step: weights and optimizer state are new"


class NotMeasured(Exception):
    """Raised where a signal cannot be measured for a lasting reason: it is switched off, and the run records why."""
