"""Knowledge accumulation: whether accuracy over all tasks grows when tasks keep coming back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ._support.result import Measure, MeasureResult, not_measured
from ._support.tasks import Evaluations


@dataclass(frozen=True)
class AtEnd:
    """Mean accuracy over every task that occurs, at the end of one visit."""

    visit: int  # 1 for the first of all
    task: str
    number: int  # which visit of this task
    step: int
    mean: float
    retained: float  # accuracy of this task when the visit began: what had survived since the last one


def accumulation(record: Evaluations) -> MeasureResult:
    """The rise of the mean accuracy over all tasks for each visit, once tasks recur: knowledge that stays.

    With K_v = 1/N sum_i A(E_i, f_end of visit v) over all N tasks of the record, seen by then or not, the slope of a
    least-squares line through K_v over the number of the visit, from the last visit before a task recurs for the
    first time. `error` is the slope's standard error. A task may lose most of its accuracy at each boundary and the
    slope still be positive: the saw-tooth is not a fault then. Source: Lesort et al. 2022 (SCoLe).
    """
    seen: dict[str, int] = {}
    rows = []
    for index, visit in enumerate(record.begun, 1):
        seen[visit.task] = seen.get(visit.task, 0) + 1
        mean = float(np.mean([record.at_end(name, visit) for name in record.tasks])) if record.tasks else np.nan
        retained = np.nan
        if index > 1 and visit.task in record.names:
            retained = record.at_end(visit.task, record.begun[index - 2])
        rows.append(AtEnd(index, visit.task, seen[visit.task], visit.end, mean, retained))
    recurring = [row.visit for row in rows if row.number > 1]
    if not recurring:
        return not_measured("no task has come back yet", rows=tuple(rows))
    kept = [row for row in rows if row.visit >= recurring[0] - 1 and np.isfinite(row.mean)]
    if len(kept) < 3:
        return not_measured("fewer than two visits since a task came back", rows=tuple(rows))
    x, y = np.array([row.visit for row in kept], float), np.array([row.mean for row in kept])
    x -= x.mean()
    slope = float(x @ y / (x @ x))
    residual = y - y.mean() - slope * x
    error = float(np.sqrt(residual @ residual / (len(x) - 2) / (x @ x)))
    note = f"per visit, over {len(kept)} visits"
    return MeasureResult(slope, error, cadence=record.cadence(), rows=tuple(rows), note=note)


measure = Measure(
    "knowledge_accumulation", "Knowledge accumulation",
    "Rise of the accuracy over all tasks per visit, once they recur.", "higher", accumulation,
)  # fmt: skip
