"""The stability gap: what earlier tasks lose when a new one begins, how much comes back, and how soon."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ._support.noise import difference_error, of_extreme
from ._support.result import Measure, MeasureResult, not_measured
from ._support.tasks import ClosedVisit, Evaluations, TaskCurve

TAIL = 0.1  # of the interval: what is left after the gap
ROUNDING = 1e-9  # a mean of equal values may lie above them
NO_BOUNDARY = "no boundary with an earlier task that is evaluated before and after it"


@dataclass(frozen=True)
class Gap:
    """One earlier task at one boundary b, until the next boundary e: depth = transient gap + persistent forgetting."""

    task: str
    learning: str  # the task that begins at b
    boundary: int
    until: int
    before: float  # A_b
    lowest: float
    lowest_at: int
    after: float  # A_e
    depth: float  # A_b - min A
    transient: float  # A_e - min A
    persistent: float  # A_b - A_e
    recovery: float  # steps from the minimum to the first A >= A_e - 2 sd; NaN: censored
    error: float  # standard error of the depth
    bias: float  # what noise alone adds to the depth
    evaluations: int
    ended: bool  # whether the interval is over


@functools.lru_cache(maxsize=2)  # of the record itself: four measures and a page ask for the same gaps
def gaps(record: Evaluations) -> tuple[Gap, ...]:
    """The gap of each task at each boundary behind the end of its first visit, but not at those of its own visits.

    With A_b the evaluation at the boundary b (the last before it), and the evaluations in (b, e]:
        depth = A_b - min A,  persistent forgetting = A_b - A_e,  transient gap = A_e - min A,
    A_e the mean over the last 10 % of the interval. Recovery: steps from the minimum to the first evaluation of at
    least A_e - 2 sd, sd that of successive differences in the second half of the interval, where the dip is over.
    It is censored (NaN) where none comes, and 0 where the minimum itself is within that noise of A_e.
    Sources: De Lange et al. 2022; Guo et al. 2024 for language models.
    """
    found = []
    visits = record.begun
    for at, visit in enumerate(visits[1:], 1):
        if visit.end <= visit.start:
            continue
        known = dict.fromkeys(v.task for v in visits[:at] if v.task != visit.task and v.task in record.names)
        for name in known:
            before = record.end_of(name, ClosedVisit("", visits[at - 1].start, visit.start))
            if visits[at - 1].end == visits[at - 1].start:
                before = record.end_of(name, visits[at - 1])
            part = record.curve(name).between(visit.start, visit.end)
            tail = part.between(visit.end - TAIL * (visit.end - visit.start), visit.end)
            if len(before) and len(part) > 1 and len(tail):
                ended = any(v.start == visit.start and v.end is not None and v.end <= record.now for v in record.visits)
                found.append(_gap(record, name, visit, before, part, float(tail.value.mean()), ended))
    return tuple(found)


def _gap(
    record: Evaluations, name: str, visit: ClosedVisit, before: TaskCurve, part: TaskCurve, after: float, ended: bool
) -> Gap:
    start, at = float(before.value[0]), int(np.argmin(part.value))
    lowest, recovery = float(part.value[at]), np.nan
    differences = np.diff(part.value[len(part) // 2 :])
    sd = float(differences.std()) if len(differences) else 0.0
    back = np.flatnonzero(part.value[at:] >= after - 2 * sd - ROUNDING)
    if len(back):
        recovery = float(part.step[at + back[0]] - part.step[at])
    bias, _ = of_extreme(record, part, lambda drawn: drawn.min(-1))
    return Gap(
        name, visit.task, visit.start, visit.end, start, lowest, int(part.step[at]), after, start - lowest,
        after - lowest, start - after, recovery, difference_error(record, name, before, _row(part, at)), -bias,
        len(part), ended,
    )  # fmt: skip


def _row(curve: TaskCurve, at: int) -> TaskCurve:
    return TaskCurve(*(column[at : at + 1] for column in (curve.step, curve.value, curve.n, curve.n_invalid)))


def _mean_of(what: str) -> Callable[[Evaluations], MeasureResult]:
    def compute(record: Evaluations) -> MeasureResult:
        rows = gaps(record)
        if not rows:
            return not_measured(NO_BOUNDARY)
        mine = {name: [getattr(row, what) for row in rows if row.task == name] for name in record.tasks}
        per_task = {name: float(np.mean(values)) for name, values in mine.items() if values}
        value = float(np.mean([getattr(row, what) for row in rows]))
        error = float(np.sqrt(np.sum([row.error**2 for row in rows])) / len(rows))
        bias = float("nan") if what == "persistent" else float(np.mean([row.bias for row in rows]))
        return MeasureResult(value, error, bias, record.cadence(per_task), per_task, rows)

    return compute


def recovery(record: Evaluations) -> MeasureResult:
    """The median over tasks and boundaries of the steps from the minimum to the recovery, censored ones as endless."""
    rows = gaps(record)
    if not rows:
        return not_measured(NO_BOUNDARY)
    by_task = {name: [row.recovery for row in rows if row.task == name] for name in record.tasks}
    per_task = {name: _median(steps) for name, steps in by_task.items() if steps}
    missing = sum(np.isnan(row.recovery) for row in rows)
    note = f"{missing} of {len(rows)} have not recovered within their interval" if missing else ""
    value = _median([row.recovery for row in rows])
    return MeasureResult(value, cadence=record.cadence(per_task), per_task=per_task, rows=rows, note=note)


def _median(steps: list[float]) -> float:
    middle = float(np.median(np.where(np.isnan(steps), np.inf, steps)))
    return middle if np.isfinite(middle) else float("nan")


gap_depth = Measure(
    "gap_depth", "Stability gap: depth", "Accuracy lost from the boundary to the lowest point.", "lower",
    _mean_of("depth"),
)  # fmt: skip
gap_transient = Measure(
    "gap_transient", "Stability gap: transient", "Part of the depth recovered by the next boundary.", "neither",
    _mean_of("transient"),
)  # fmt: skip
gap_persistent = Measure(
    "gap_persistent", "Stability gap: persistent", "Part of the depth not recovered by the next boundary.", "lower",
    _mean_of("persistent"),
)  # fmt: skip
gap_recovery = Measure(
    "gap_recovery", "Stability gap: recovery", "Median steps from the lowest point to recovery.", "lower", recovery
)
