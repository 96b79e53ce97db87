"""What a model loses on one source of data and gains on another, in nats, against the exact start of training on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ._support.result import Measure, MeasureResult, average, not_measured
from ._support.tasks import ClosedVisit, Evaluations
from .forgetting import NO_EARLIER

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


def forgetting(record: Evaluations) -> MeasureResult:
    """How far the loss of what the model knew rises while it learns something else; below 0: it fell.

        L_D0(after) - L_D0(before)         (Ibrahim et al. 2024)

    over each visit, of each task D0 learned before it; the mean over visits of each task, then over tasks: look at
    `per_task` too, for an average hides a domain that is lost. Learned before are the tasks of earlier visits. Where
    one task alone is visited, as in continued pre-training that names its new data only, every other one that is
    evaluated is taken as learned before the run, and `note` says so.

    >>> from barograph.dashboard.analysis.measures._support.tasks import Evaluations
    >>> nats = {"loss": [2.25, 3.5]}
    >>> forgetting(Evaluations.of([0, 9], ["a", "a"], [0.5, 0.2], visits=[("b", 0, 9)], also=nats)).value
    1.25
    """
    visited = {visit.task for visit in record.visits}
    assumed = [name for name in record.names if name not in visited] if len(visited) == 1 else []
    note = f"taken as learned before the run, as no visit names it: {', '.join(assumed)}" if assumed else ""
    pairs = []
    for previous, visit in record.trained:
        known = {*assumed, *(one.task for one in record.begun if one.start < visit.start or one.end == visit.start)}
        pairs += [(name, previous, visit) for name in record.names if name in known - {visit.task}]
    return _mean(record, pairs, 1, NO_EARLIER, note)


def adaptation(record: Evaluations) -> MeasureResult:
    """How far the loss of a task falls over its own visit, from the model as the visit found it.

        L_D1(before) - L_D1(after)         (Ibrahim et al. 2024)

    The mean over visits of each task, then over tasks. The first visit of a run that goes on to others is left out if
    nothing was learned before it: from an untrained model it is learning, by far more nats than any adaptation.

    >>> from barograph.dashboard.analysis.measures._support.tasks import Evaluations
    >>> nats = {"loss": [2.0, 1.25]}
    >>> adaptation(Evaluations.of([0, 9], ["b", "b"], [0.5, 0.6], visits=[("b", 0, 9)], also=nats)).value
    0.75
    """
    several = len({visit.task for visit in record.begun}) > 1
    scratch = record.begun[0] if several and record.begun[0].end > record.begun[0].start else None
    note = f"left out, as nothing was learned before it: the first visit, of {scratch.task}" if scratch else ""
    pairs = [(v.task, previous, v) for previous, v in record.trained if v.task in record.names and v != scratch]
    return _mean(record, pairs, -1, NO_PAIR, note)


def _mean(
    record: Evaluations, pairs: Sequence[tuple[str, int, ClosedVisit]], sign: int, why: str, note: str
) -> MeasureResult:
    """The mean over tasks of the mean over their visits, of the rise of the loss, or with sign -1 its fall."""
    if "loss" not in record.also:
        return not_measured(NO_LOSS)
    if not pairs:
        return not_measured(why)
    rows = [row for name, previous, visit in pairs if (row := _shift(record, name, previous, visit))]
    rises = {name: [sign * row.rise for row in rows if row.task == name] for name, _, _ in pairs}
    means = {name: float(np.mean(values)) if values else np.nan for name, values in rises.items()}
    return average(means, cadence=record.cadence(means), rows=tuple(rows), why=NO_PAIR, note=note)


def _shift(record: Evaluations, name: str, previous: int, visit: ClosedVisit) -> Shift | None:
    """From the last evaluation before the visit, and behind the start of the one before, to the last within it."""
    losses = record.curve(name, "loss")
    before, within = losses.between(previous, visit.start), losses.between(visit.start, visit.end)
    if not (len(before) and len(within)):
        return None
    values = float(before.value[-1]), float(within.value[-1])
    return Shift(name, visit.task, int(before.step[-1]), int(within.step[-1]), *values)


loss_forgetting = Measure(
    "loss_forgetting", "Forgetting (loss)", "Rise of earlier tasks' loss over a visit of another, in nats.", "lower",
    forgetting,
)  # fmt: skip
loss_adaptation = Measure(
    "loss_adaptation", "Adaptation (loss)", "Fall of a task's own loss over its visit, in nats.", "higher", adaptation
)
