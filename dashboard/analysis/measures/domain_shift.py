"""What a model loses on one source of data and gains on another, in nats, against the exact start of training on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ._support.result import Measure, MeasureResult, average, not_measured
from ._support.tasks import Evaluations, TaskCurve

NO_LOSS = "no losses of the tasks were evaluated: run.evaluate(step, task, loss=...)"
NO_PAIR = "no loss was evaluated both before a visit and in it"


@dataclass(frozen=True)
class Shift:
    """The loss of one task over one visit: rises where others are learned (forgetting), falls where it is itself."""

    task: str
    learning: str
    begun_at: int
    ended_at: int
    before: float
    after: float

    @property
    def rise(self) -> float:
        return self.after - self.before


def shifts(record: Evaluations) -> tuple[Shift, ...]:
    """Of each task over each visit, the loss at the last evaluation before it and at the last within it.

    The reference is the model exactly as the visit found it; an average over domains would hide a domain that is lost.
    """
    if "loss" not in record.also:
        return ()
    found = []
    previous = -1
    for visit in record.begun:
        for name in record.names:
            before, after = _last(record, name, previous, visit.start), _last(record, name, visit.start, visit.end)
            if len(before) and len(after):
                values = float(before.value[0]), float(after.value[0])
                found.append(Shift(name, visit.task, int(before.step[0]), int(after.step[0]), *values))
        previous = visit.start
    return tuple(found)


def _last(record: Evaluations, name: str, after: float, until: float) -> TaskCurve:
    part = record.curve(name, "loss").between(after, until)
    return part.between(part.step[-1] - 1, until) if len(part) else part


def _mean(own: bool) -> Callable[[Evaluations], MeasureResult]:
    def compute(record: Evaluations) -> MeasureResult:
        rows = shifts(record)
        if not rows:
            return not_measured(NO_PAIR if "loss" in record.also else NO_LOSS)
        known: set[str] = set()
        kept = []
        for row in rows:
            if (row.task == row.learning) if own else (row.task in known and row.task != row.learning):
                kept.append(row)
            known.add(row.learning)
        sign = -1 if own else 1
        by_task = {name: [sign * row.rise for row in kept if row.task == name] for name in record.names}
        means = {name: float(np.mean(rises)) for name, rises in by_task.items() if rises}
        return average(means, cadence=record.cadence(means), rows=tuple(kept), why=NO_PAIR)

    return compute


loss_forgetting = Measure(
    "loss_forgetting", "Forgetting (loss)", "Rise of earlier tasks' loss over a visit of another, in nats.", "lower",
    _mean(False),
)  # fmt: skip
loss_adaptation = Measure(
    "loss_adaptation", "Adaptation (loss)", "Fall of a task's own loss over its visit, in nats.", "higher", _mean(True)
)
