"""The loss falls while the task fails: what a dashboard of losses alone cannot see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ._support.noise import difference_error, of_extreme, successive_error
from ._support.result import Measure, MeasureResult, not_measured
from ._support.tasks import Evaluations, TaskCurve

SURE = 2.0  # standard errors of either change


@dataclass(frozen=True)
class Decoupled:
    """One task over one visit: its accuracy at its lowest against the boundary, and its loss while it was down."""

    task: str
    learning: str
    boundary: int
    lowest_at: int
    accuracy_lost: float
    loss_fallen: float


def decoupled(record: Evaluations) -> tuple[Decoupled, ...]:
    """Tasks whose accuracy falls behind a boundary, beyond its noise, while their own loss falls beyond its own.

    Accuracy: from the evaluation at the boundary to the minimum in the visit, less what noise adds to a minimum, more
    than 2 standard errors. Loss: from the boundary to the mean over the evaluations at which the accuracy is down by
    more than half of that, more than 2 standard errors. Both metrics are needed at the same steps. In continual
    pre-training the perplexity of the new domain falls steadily through the very dip in which its tasks fail (Guo et
    al. 2024).
    """
    found = []
    for previous, visit in record.trained:
        for name in record.names:
            accuracy, loss = record.curve(name), record.curve(name, "loss")
            both = np.isin(accuracy.step, loss.step)
            accuracy = TaskCurve(*(c[both] for c in (accuracy.step, accuracy.value, accuracy.n, accuracy.n_invalid)))
            before, part = accuracy.between(previous, visit.start), accuracy.between(visit.start, visit.end)
            if not len(before) or len(part) < 2:
                continue
            before = before.between(before.step[-1] - 1, visit.start)
            at = int(np.argmin(part.value))
            lowest = part.between(part.step[at] - 1, part.step[at])
            lost = float(before.value[0] - lowest.value[0])
            values = dict(zip(loss.step.tolist(), loss.value.tolist(), strict=True))
            down = part.step[part.value < before.value[0] - lost / 2]
            fallen = values[int(before.step[0])] - float(np.mean([values[int(step)] for step in down] or [np.inf]))
            bias = np.nan_to_num(of_extreme(record, part, lambda drawn: drawn.min(-1))[0])
            noise = np.nan_to_num(difference_error(record, name, before, lowest))
            of_loss = np.nan_to_num(successive_error(loss.value)) * np.sqrt(1 + 1 / max(len(down), 1))
            if lost + bias > SURE * noise and lost > 0 and fallen > SURE * of_loss:
                found.append(Decoupled(name, visit.task, visit.start, int(lowest.step[0]), lost, fallen))
    return tuple(found)


def _most(record: Evaluations) -> MeasureResult:
    if "loss" not in record.also:
        return not_measured("no losses of the tasks were evaluated: run.evaluate(step, task, accuracy=..., loss=...)")
    rows = decoupled(record)
    per_task = {name: max((r.accuracy_lost for r in rows if r.task == name), default=0.0) for name in record.names}
    return MeasureResult(max(per_task.values()), cadence=record.cadence(), per_task=per_task, rows=rows)


measure = Measure(
    "loss_falls_task_fails", "Accuracy lost while the loss falls",
    "Most accuracy that a task lost while its own loss fell.", "lower", _most,
)  # fmt: skip
