"""Transfer between tasks: what learning others does to tasks learned before, and to tasks not learned yet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ._support.noise import difference_error
from ._support.result import Measure, MeasureResult, average, not_measured
from ._support.tasks import Evaluations
from .forgetting import since_learned


def backward(record: Evaluations) -> MeasureResult:
    """Change of earlier tasks since they were learned: forgetting with its sign turned, positive where others helped.

    BWT = 1/(k-1) sum_{i<k} [ A(E_i, f_t) - A(E_i, f_|Ti|) ]         (Lopez-Paz and Ranzato 2017)
    """
    lost = since_learned(record)
    return replace(lost, value=0.0 - lost.value, per_task={name: 0.0 - term for name, term in lost.per_task.items()})


def forward(record: Evaluations) -> MeasureResult:
    """What the tasks before have done for a task by the time it begins, against the model at initialisation.

        FWT = 1/(k-1) sum_{1<i<=k} [ A(E_i, f_|Ti-1|) - A(E_i, f_0) ]         (Lopez-Paz and Ranzato 2017)

    The sign is kept. Not measured where the tasks were not evaluated at initialisation (when the first visit began).
    """
    trained = [visit for _, visit in record.trained]
    later = [name for name in record.tasks if trained and name != trained[0].task]
    later = [name for name in later if any(visit.task == name for visit in trained)]
    if not later:
        return not_measured("only one task has been learned: nothing was transferred yet")
    gained, errors = {}, {}
    for name in later:
        curve = record.curve(name)
        initial = curve.between(-1, trained[0].start)
        initial = initial.between(initial.step[-1] - 1, trained[0].start) if len(initial) else initial
        first = next(at for at, visit in enumerate(trained) if visit.task == name)
        before = record.end_of(name, trained[first - 1])
        known = len(initial) and len(before)
        gained[name] = float(before.value[0] - initial.value[0]) if known else np.nan
        errors[name] = difference_error(record, name, initial, before)
    why = f"no task was evaluated at initialisation (step {trained[0].start}) and again before it began"
    return average(gained, errors, cadence=record.cadence(later), why=why)


bwt = Measure("bwt", "BWT", "Change in accuracy of earlier tasks since they were learned.", "higher", backward)
fwt = Measure("fwt", "FWT", "Accuracy of tasks when they begin, above that at initialisation.", "higher", forward)
