"""Retention index: the share of what was learned that is still there."""

from __future__ import annotations

import numpy as np

from ._support.noise import level_error
from ._support.result import Measure, MeasureResult, average, not_measured
from ._support.tasks import Evaluations
from .forgetting import NO_EARLIER


def retention(record: Evaluations) -> MeasureResult:
    """The mean over earlier tasks of accuracy now over accuracy when learned: 1 is nothing lost, above 1 gained.

        RI = 1/(k-1) sum_{i<k} A(E_i, f_t) / A(E_i, f_|Ti|)

    It compares tasks of different difficulty, where a difference of accuracies cannot. A task that was never learned
    at all (accuracy 0) has none. The error takes the two accuracies as independent. Source: DuET (2025).
    """
    if not record.earlier:
        return not_measured(NO_EARLIER)
    kept, errors = {}, {}
    for name in record.earlier:
        learned, now = record.end_of(name, record.latest(name)), record.end_of(name, record.current)
        kept[name] = errors[name] = np.nan
        if len(learned) and len(now) and learned.value[0] > 0:
            kept[name] = float(now.value[0] / learned.value[0])
            of_now, of_learned = float(level_error(now)[0]), float(level_error(learned)[0])
            errors[name] = float(np.hypot(of_now, kept[name] * of_learned) / learned.value[0])
    return average(kept, errors, cadence=record.cadence(record.earlier))


measure = Measure(
    "retention_index", "Retention index", "Accuracy of earlier tasks now, as a share of that when learned.", "higher",
    retention,
)  # fmt: skip
