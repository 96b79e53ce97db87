"""ACC: the mean accuracy over the tasks learned so far."""

from __future__ import annotations

import numpy as np

from ._support.noise import level_error
from ._support.result import Measure, MeasureResult, average, not_measured
from ._support.tasks import Evaluations


def accuracy_now(record: Evaluations) -> MeasureResult:
    """The mean over the k tasks begun so far of their accuracy at the last evaluation of the current visit.

    Look at it for where the model stands; what happened on the way it does not say (see `min_acc`).

        ACC = 1/k sum_i A(E_i, f_t)         (Lopez-Paz and Ranzato 2017; De Lange et al. 2022)

    >>> from barograph.dashboard.analysis.measures._support.tasks import Evaluations
    >>> record = Evaluations.of([9, 9], ["a", "b"], [0.5, 0.9], visits=[("a", 0, 5), ("b", 5, 9)])
    >>> round(accuracy_now(record).value, 6)
    0.7
    """
    if record.current is None:
        return not_measured("no task has begun: mark tasks by run.begin_task, or give boundaries")
    last = {name: record.end_of(name, record.current) for name in record.tasks}
    values = {name: float(one.value[0]) if len(one) else np.nan for name, one in last.items()}
    errors = {name: float(level_error(one)[0]) if len(one) else np.nan for name, one in last.items()}
    return average(values, errors, cadence=record.cadence(record.tasks))


measure = Measure("acc", "ACC", "Current mean accuracy over the tasks learned so far.", "higher", accuracy_now)
