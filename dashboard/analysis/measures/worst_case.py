"""How bad it ever was: the least accuracy of earlier tasks after they were learned (the stability gap's depth)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ._support.noise import of_extreme
from ._support.result import Measure, MeasureResult, average, not_measured
from ._support.tasks import Evaluations
from .acc import accuracy_now
from .forgetting import NO_EARLIER


@dataclass(frozen=True)
class Lowest:
    """The least accuracy of a task after one of its visits and before the next: its value and step."""

    task: str
    visit: int  # 1 for the first of this task
    since: int
    value: float
    step: int
    evaluations: int
    bias: float


def minimum(record: Evaluations) -> MeasureResult:
    """The mean over earlier tasks of their least accuracy strictly after their latest visit ended.

        min-ACC = 1/(k-1) sum_{i<k} min_{|Ti| < n <= t} A(E_i, f_n)         (De Lange et al. 2022)

    Look at it beside ACC: replay can end well and have lost everything for a moment in between. Evaluations at the
    ends of tasks alone do not see it; so mind the cadence. `bias` says how much of it the noise of finitely many
    examples makes (negative; see `noise.of_extreme`). `rows` has every visit of every task.

    >>> from barograph.dashboard.analysis.measures._support.tasks import Evaluations
    >>> record = Evaluations.of([5, 6, 7], ["a"] * 3, [0.9, 0.1, 0.8], visits=[("a", 0, 5), ("b", 5, 7)])
    >>> minimum(record).value
    0.1
    """
    rows = []
    for name in record.tasks:
        visits = [visit for visit in record.begun if visit.task == name]
        for number, (visit, following) in enumerate(zip(visits, [*visits[1:], None], strict=True), 1):
            part = record.curve(name).between(visit.end, record.now if following is None else following.start)
            if len(part):
                at = int(np.argmin(part.value))
                bias, error = of_extreme(record, part, lambda drawn: drawn.min(-1))
                row = Lowest(name, number, visit.end, float(part.value[at]), int(part.step[at]), len(part), bias)
                rows.append((row, error))
    if not record.earlier:
        return not_measured(NO_EARLIER, rows=tuple(row for row, _ in rows))
    last = {row.task: (row, error) for row, error in rows if row.since == record.latest(row.task).end}
    last = {name: last[name] for name in record.earlier if name in last}
    found = average(
        {name: last[name][0].value if name in last else np.nan for name in record.earlier},
        {name: last[name][1] if name in last else np.nan for name in record.earlier},
        cadence=record.cadence(record.earlier), rows=tuple(row for row, _ in rows),
    )  # fmt: skip
    return replace(found, bias=float(np.mean([row.bias for row, _ in last.values()])) if last else np.nan)


def worst_case(record: Evaluations) -> MeasureResult:
    """The current task's accuracy now with the least that the earlier ones ever had: a lower bound of ACC.

    WC-ACC = 1/k A(E_k, f_t) + (1 - 1/k) min-ACC         (De Lange et al. 2022)
    """
    if record.current is None or record.current.task not in record.tasks:
        return not_measured("the current task is not evaluated, or none has begun")
    now, k = accuracy_now(record), len(record.tasks)
    mine = now.per_task[record.current.task]
    if k == 1:
        return replace(now, rows=())
    least = minimum(record)
    return replace(
        least,
        value=mine / k + (1 - 1 / k) * least.value,
        error=float("nan") if np.isnan(least.error) else (1 - 1 / k) * least.error,
        bias=(1 - 1 / k) * least.bias,
        cadence=record.cadence(record.tasks),
        per_task={**least.per_task, record.current.task: mine},
        rows=(),
    )


min_acc = Measure(
    "min_acc", "min-ACC", "Lowest accuracy of each earlier task since it was learned, averaged.", "higher", minimum
)
wc_acc = Measure(
    "wc_acc", "WC-ACC", "Worst-case accuracy: the current task now, earlier ones at their lowest.", "higher", worst_case
)
