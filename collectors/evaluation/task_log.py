"""Tasks that a run learns one after another: their boundaries, and how well each is done."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from torch import Tensor, nn

from ...db.records import Description, Evaluation
from ..numerics.gradient_alignment import alignment
from ..recording.guarded import guarded
from ..recording.logged_values import ONE_NUMBER, got, number
from ..recording.run_record import RunRecord
from .head_bias import head_bias

SHARES = ("accuracy", "acc", "exact_match")  # between 0 and 1
EVAL = "eval_"  # how the series of evaluations begin
REMEDY = "evaluate tasks: run.evaluate(step, task, accuracy=..., n=...), or use barograph.evaluator"
METRICS = {
    "n": Description("n", "", "Examples of an evaluation", title="Examples evaluated"),
    "n_invalid": Description(
        "n_invalid", "", "Answers of an evaluation that were in no readable format", "lower", title="Invalid answers",
        remedy="count them: run.evaluate(step, task, accuracy=..., n=..., n_invalid=...)",
    ),
    "accuracy": Description(
        "accuracy", "", "Share of a task's evaluated examples that were right", "higher", title="Accuracy by task"
    ),
    "loss": Description("loss", "", "Mean loss of a task's evaluated examples", "lower", title="Loss by task"),
}  # fmt: skip
ALIGNMENT = Description(
    "grad_alignment", "", "Cosine between the gradients of two domains: below 0 a step for one harms the other",
    "higher", ("domain", "with"), title="Gradient alignment of domains",
    remedy="record it: run.alignment({domain: loss, ...}) before backward",
)  # fmt: skip


class TaskLog:
    """Tasks and evaluations of one run; `began()` is called when a task begins."""

    def __init__(self, record: RunRecord, began: Callable[[], None]):
        self.record, self._began = record, began
        self._task: str | None = None
        self._evaluated: set[tuple[int, str, str]] = set()  # (step, metric, series) of the newest step
        self._subsets: dict[str, str] = {}  # of each task: the one that stands for it
        self._warned: set[Any] = set()
        self._calls: dict[str, list[Callable[[], None]]] = {"boundary": [], "end": []}

    def on_boundary(self, call: Callable[[], None]) -> None:
        """Has `call` made where a task begins or ends or the data change, before the next step is taken."""
        self._calls["boundary"].append(call)

    def on_end(self, call: Callable[[], None]) -> None:
        """Has `call` made where the run ends, unless it was stopped."""
        self._calls["end"].append(call)

    @guarded
    def reach(self, what: str) -> None:
        """A "boundary" or the "end" is reached."""
        for call in self._calls[what]:
            call()

    @guarded
    def begin_task(self, name: str) -> None:
        """See `LiveRun.begin_task`."""
        self.end_task()
        self._task = str(name)
        self.reach("boundary")
        self.record.event("task", self._task, task=self._task, boundary="begin")
        self._began()

    @guarded
    def end_task(self) -> None:
        """See `LiveRun.end_task`."""
        name, self._task = self._task, None
        if name is not None:
            self.reach("boundary")
            self.record.event("task", name, task=name, boundary="end")

    @guarded
    def evaluate(
        self, step: int | None, task: str, n: int | None, n_invalid: int | None, weights: str, subset: str,
        metrics: Mapping[str, Any],
    ) -> None:  # fmt: skip
        """See `LiveRun.evaluate`."""
        at, task = self._step(step), str(task)
        part = task if self._subsets.setdefault(task, subset) == subset else f"{task} ({subset or 'whole'})"
        ending = "" if weights == "raw" else f"_{weights}"
        row: dict[Any, float] = {}
        n, n_invalid = (self._count(count, f"evaluate({task!r}, n=..., n_invalid=...)") for count in (n, n_invalid))
        for metric, given in metrics.items():
            value = self._number(given, f"evaluate({task!r}, {metric}=...)")
            if value is None:
                continue
            self._check(at, task, metric, value, part + ending)
            self.record.writer.evaluation(
                Evaluation(
                    step=at, task=task, metric=metric, value=value, n=n, n_invalid=n_invalid, subset=subset,
                    weights=weights, time=time.time(),
                )
            )  # fmt: skip
            row[f"{EVAL}{metric}{ending}", part] = value
        for name, count in (("n", n), ("n_invalid", n_invalid)):
            if count is not None:
                row[f"{EVAL}{name}{ending}", part] = float(count)
        if n is not None and n_invalid is not None and not 0 <= n_invalid <= n:
            self._warn(f"evaluate({task!r}, n={n}, n_invalid={n_invalid})", "expected n_invalid between 0 and n")
        for name in row:
            self.record.descriptions.add(_of_metric(name[0]))
        self._put(at, row)

    def _number(self, given: Any, what: str) -> float | None:
        """One number on the host; None, and a warning, where it is none."""
        found = number(given)
        if found is None:
            self._warn(f"{what} is not recorded", f"{got(given)}: {ONE_NUMBER}")
        return None if found is None else float(found)

    def _count(self, given: Any, what: str) -> int | None:
        found = self._number(given, what) if given is not None else None
        return int(found) if found is not None and math.isfinite(found) else None

    def _check(self, step: int, task: str, metric: str, value: float, series: str) -> None:
        """Warns, once for each task, of what is recorded but can hardly be meant."""
        if metric in SHARES and math.isfinite(value) and not 0 <= value <= 1:
            self._warn(
                f"evaluate({task!r}, {metric}=...) got {value:g}",
                "expected a share between 0 and 1; it is recorded as it is, divide percentages by 100",
                (task, metric),
            )
        key, seen = (step, metric, series), self._evaluated
        self._evaluated = {one for one in seen if one[0] == step} | {key}
        if key in seen:
            self._warn(f"evaluate({step}, {task!r}, {metric}=...) came twice", "the later one counts", ("twice", task))

    def _warn(self, what: str, why: str, once: Any = None) -> None:
        if (key := once or what) not in self._warned:
            self._warned.add(key)
            self.record.failed(what, ValueError(why))

    @guarded
    def predictions(
        self, predicted: Tensor, new: Iterable[int], old: Iterable[int] | None, targets: Tensor | None,
        weight: Tensor | nn.Module | None, step: int | None,
    ) -> None:  # fmt: skip
        """See `LiveRun.predictions`."""
        found = head_bias(predicted, new, old=old, targets=targets, weight=weight)
        for description, _ in found:
            self.record.descriptions.add(description)
        self._put(self._step(step), {description.name: value for description, value in found})

    @guarded
    def alignment(self, losses: Mapping[str, Tensor], parameters: list[Tensor], step: int | None) -> None:
        """See `LiveRun.alignment`."""
        names, cosines = alignment(losses, parameters)
        self.record.descriptions.add(ALIGNMENT)
        pairs = [(i, j) for i in range(len(names)) for j in range(i + 1, len(names))]
        self._put(self._step(step), {(ALIGNMENT.name, names[i], names[j]): cosines[i, j] for i, j in pairs})

    def _step(self, step: int | None) -> int:
        return self.record.step(step, self.record.counter.done)

    def _put(self, step: int, row: dict[Any, Any]) -> None:
        if row:
            self.record.recorder.named(step, row)


def _of_metric(series: str) -> Description:
    metric = series.removeprefix(EVAL)
    known = METRICS.get(metric, Description(metric, "", "Metric of a task's evaluations"))
    title = known.title or f"{metric.replace('_', ' ').capitalize()} by task"
    return Description(series, "", known.sentence, known.better, ("task",), title=title, remedy=known.remedy or REMEDY)
