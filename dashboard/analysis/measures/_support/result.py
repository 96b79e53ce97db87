"""What a measure of tasks is, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from .....interval import Interval
from .tasks import Evaluations


@dataclass(frozen=True)
class MeasureResult:
    """One measure of one record. `value` NaN: not measured, and `note` says why.

    `error` is the standard error of `value` from the finite number of examples, `bias` what noise alone adds to it
    (a minimum of noisy values is too low), both NaN where nobody said how many examples there were. `cadence` is the
    median number of steps between the evaluations. `per_task` holds the terms of the mean by task, `rows` details:
    frozen dataclasses, e.g. one for each task and boundary.
    """

    value: float
    error: float = float("nan")
    bias: float = float("nan")
    cadence: float = float("nan")
    per_task: Mapping[str, float] = field(default_factory=dict)
    rows: tuple[Any, ...] = ()
    note: str = ""

    @property
    def measured(self) -> bool:
        return bool(np.isfinite(self.value))


@dataclass(frozen=True)
class Measure:
    """A measure as the folder holds it: `title` and `sentence` for people, `better` higher, lower or neither."""

    name: str
    title: str
    sentence: str
    better: str
    compute: Callable[[Evaluations], MeasureResult]

    def __call__(self, record: Evaluations) -> MeasureResult:
        return self.compute(record)


def as_columns(row: Any) -> dict[str, Any]:
    """A row of details as one dictionary of plain values; an interval becomes its middle, `low` and `high`."""
    columns = asdict(row)
    for name, value in vars(row).items():
        if isinstance(value, Interval):
            columns |= {name: value.mid, "low": value.low, "high": value.high}
    return columns


def not_measured(why: str, **more: Any) -> MeasureResult:
    """A result without a value, and the reason."""
    return MeasureResult(float("nan"), note=why, **more)


def average(
    terms: Mapping[str, float], errors: Mapping[str, float] | None = None, *, note: str = "",
    why: str = "no evaluation at the steps that this measure needs", **more: Any,
) -> MeasureResult:  # fmt: skip
    """The mean over tasks; those that were not measured (NaN) are left out of it and named in the note."""
    there = {name: term for name, term in terms.items() if np.isfinite(term)}
    missing = [name for name in terms if name not in there]
    if not there:
        return not_measured(why, per_task=dict(terms), **more)
    error = float("nan")
    if errors is not None:
        of_terms = np.array([errors[name] for name in there])
        error = float(np.sqrt((of_terms**2).sum()) / len(there))
    left_out = f"left out, not evaluated at the steps needed: {', '.join(missing)}" if missing else ""
    note = "; ".join(text for text in (note, left_out) if text)
    return MeasureResult(float(np.mean(list(there.values()))), error=error, per_task=dict(terms), note=note, **more)
