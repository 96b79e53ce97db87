"""Superficial against essential forgetting: answers that cannot be read are not knowledge that is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ._support.noise import difference_error
from ._support.result import Measure, MeasureResult, average, not_measured
from ._support.tasks import Evaluations, TaskCurve
from .forgetting import NO_EARLIER

NO_COUNTS = "answers in no readable format were not counted: pass n and n_invalid to run.evaluate"


@dataclass(frozen=True)
class FormatDrift:
    """The fall of one task since it was learned, in two parts that add up to it."""

    task: str
    fall: float
    superficial: float
    essential: float
    valid_before: float
    valid_now: float
    given_valid_before: float
    given_valid_now: float
    format_drift: bool  # most of a fall beyond its noise comes from answers in no readable format


def drifts(record: Evaluations) -> tuple[FormatDrift, ...]:
    """Splits each earlier task's fall into that of the readable share and that of the accuracy of readable answers.

    With v = 1 - n_invalid / n and g = A / v, so that A = v g, from the end of the task's visit (0) to now (1):
        superficial = (v_0 - v_1) (g_0 + g_1) / 2,   essential = (g_0 - g_1) (v_0 + v_1) / 2,
    which add up to A_0 - A_1 exactly. Where no answer is readable at all, g is not known: it is then taken as it was.
    A superficial fall is repaired by a few examples of the format; read as lost knowledge it would mislead.
    Source: SEFE (Chen et al. 2025).
    """
    found = []
    for name in record.earlier:
        before, now = record.end_of(name, record.latest(name)), record.end_of(name, record.current)
        v0, v1 = _readable(before), _readable(now)
        if not np.isfinite([v0, v1]).all() or v0 == 0:
            continue
        a0, a1 = float(before.value[0]), float(now.value[0])
        g0 = a0 / v0
        g1 = a1 / v1 if v1 > 0 else g0
        superficial, essential = (v0 - v1) * (g0 + g1) / 2, (g0 - g1) * (v0 + v1) / 2
        beyond = a0 - a1 > 2 * np.nan_to_num(difference_error(record, name, before, now))
        drift = bool(beyond and superficial > (a0 - a1) / 2)
        found.append(FormatDrift(name, a0 - a1, superficial, essential, v0, v1, g0, g1, drift))
    return tuple(found)


def _readable(row: TaskCurve) -> float:
    return float(1 - row.n_invalid[0] / row.n[0]) if len(row) else float("nan")


def _part(what: str) -> Callable[[Evaluations], MeasureResult]:
    def compute(record: Evaluations) -> MeasureResult:
        if not record.earlier:
            return not_measured(NO_EARLIER)
        rows = drifts(record)
        said = [row.task for row in rows if row.format_drift]
        note = f"format drift: {', '.join(said)}" if said else ""
        terms = {row.task: getattr(row, what) for row in rows}
        return average(terms, cadence=record.cadence(record.earlier), rows=rows, note=note, why=NO_COUNTS)

    return compute


superficial = Measure(
    "superficial_forgetting", "Superficial forgetting", "Accuracy lost to answers in no readable format.", "lower",
    _part("superficial"),
)  # fmt: skip
essential = Measure(
    "essential_forgetting", "Essential forgetting", "Accuracy lost among the answers that can be read.", "lower",
    _part("essential"),
)  # fmt: skip
