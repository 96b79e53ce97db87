"""Forgetting, by both definitions in use: since a task was learned, and since it was known best."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ._support.noise import difference_error
from ._support.result import Measure, MeasureResult, average, not_measured
from ._support.tasks import Evaluations, TaskCurve

NO_EARLIER = "no task was learned before the current one: nothing can have been forgotten yet"


def since_learned(record: Evaluations) -> MeasureResult:
    """How much accuracy earlier tasks have lost since the end of their own (latest) visit; below 0: gained.

        FORG = 1/(k-1) sum_{i<k} [ A(E_i, f_|Ti|) - A(E_i, f_t) ]         (De Lange et al. 2022)

    >>> from barograph.dashboard.analysis.measures._support.tasks import Evaluations
    >>> record = Evaluations.of([5, 9], ["a", "a"], [0.9, 0.6], visits=[("a", 0, 5), ("b", 5, 9)])
    >>> round(since_learned(record).value, 6)
    0.3
    """
    return _lost(record, lambda name: record.end_of(name, record.latest(name)))


def since_best(record: Evaluations) -> MeasureResult:
    """How much accuracy earlier tasks have lost since the end of the visit, of any task, at which it was best.

        F = 1/(k-1) sum_{i<k} [ max_{l<k} A(E_i, f_|Tl|) - A(E_i, f_t) ]         (Chaudhry et al. 2018)

    At least as large as `since_learned`: a task that went on improving after its own visit counts from its best.
    """

    def best(name: str) -> TaskCurve:
        ends = [record.end_of(name, visit) for visit in record.begun[:-1]]
        ends = [one for one in ends if len(one)]
        return max(ends, key=lambda one: one.value[0], default=record.curve(name).between(-1, -1))

    return _lost(record, best)


def _lost(record: Evaluations, reference: Callable[[str], TaskCurve]) -> MeasureResult:
    if not record.earlier:
        return not_measured(NO_EARLIER)
    lost, errors = {}, {}
    for name in record.earlier:
        before, now = reference(name), record.end_of(name, record.current)
        lost[name] = float(before.value[0] - now.value[0]) if len(before) and len(now) else np.nan
        errors[name] = difference_error(record, name, before, now)
    return average(lost, errors, cadence=record.cadence(record.earlier))


forgetting = Measure(
    "forgetting", "Forgetting (since learned)",
    "Accuracy that earlier tasks have lost since the end of their own latest visit.", "lower", since_learned,
)  # fmt: skip
forgetting_from_best = Measure(
    "forgetting_from_best", "Forgetting (since best)",
    "Accuracy that earlier tasks have lost since the end of the task after which they scored best.", "lower",
    since_best,
)  # fmt: skip
