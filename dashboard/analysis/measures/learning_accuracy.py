"""Learning accuracy: how well each task was learned at the time."""

from __future__ import annotations

import numpy as np

from ._support.noise import level_error
from ._support.result import Measure, MeasureResult, average, not_measured
from ._support.tasks import Evaluations


def learning_accuracy(record: Evaluations) -> MeasureResult:
    """The mean over tasks of the accuracy at the end of their own latest visit: plasticity.

        LA = 1/k sum_i A(E_i, f_|Ti|)         (Riemer et al. 2019)

    A method that forgets little because it learns little shows here. For the current task: at the last evaluation.
    """
    if record.current is None:
        return not_measured("no task has begun: mark tasks by run.begin_task, or give boundaries")
    ends = {name: record.end_of(name, record.latest(name)) for name in record.tasks}
    values = {name: float(one.value[0]) if len(one) else np.nan for name, one in ends.items()}
    errors = {name: float(level_error(one)[0]) if len(one) else np.nan for name, one in ends.items()}
    return average(values, errors, cadence=record.cadence(record.tasks))


measure = Measure(
    "learning_accuracy", "Learning accuracy", "Mean accuracy of each task when its own visit ended.", "higher",
    learning_accuracy,
)  # fmt: skip
