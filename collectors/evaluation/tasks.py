"""The verbs of a run that learns one task after another."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from torch import Tensor, nn

from ... import db
from ..hooks.layout import Layout
from ..numerics.alignment import alignment
from ..numerics.drift import Drift
from ..recording.safely import safely
from .head import head

SHARES = ("accuracy", "acc", "exact_match")  # between 0 and 1
EVAL = "eval_"  # how the series of evaluations begin
SENTENCES = {
    "n": ("Examples of an evaluation", "neither"),
    "n_invalid": ("Answers of an evaluation that were in no readable format", "lower"),
    "accuracy": ("Share of a task's evaluated examples that were right", "higher"),
    "loss": ("Mean loss of a task's evaluated examples", "lower"),
}


class Tasks:
    """The part of a live run that knows tasks: their boundaries, and how well each is done."""

    def _begin_tasks(self) -> None:
        self._task: str | None = None
        self._evaluated: set[tuple] = set()  # (step, metric, task) of the newest step
        self._subsets: dict[str, str] = {}  # of each task: the one that stands for it
        self._warned: set[Any] = set()
        self._calls: dict[str, list[Callable[[], None]]] = {"boundary": [], "end": []}

    @safely
    def begin_task(self, name: str) -> None:
        """From here on the model learns the task `name`; ends the task before. A task may come again."""
        self.end_task()
        self._task = str(name)
        self._reach("boundary")
        self.event("task", self._task, task=self._task, boundary="begin")
        for layout in self._layouts():
            layout.keep(Drift).begin(layout)

    @safely
    def end_task(self) -> None:
        """The task that `begin_task` began is over; without one nothing happens. The run's end ends it too."""
        name, self._task = self._task, None
        if name is not None:
            self._reach("boundary")
            self.event("task", name, task=name, boundary="end")

    def on_boundary(self, call: Callable[[], None]) -> None:
        """Has `call` made where a task begins or ends or the data change, before the next step is taken."""
        self._calls["boundary"].append(call)

    def on_end(self, call: Callable[[], None]) -> None:
        """Has `call` made where the run ends, unless it was stopped."""
        self._calls["end"].append(call)

    @safely
    def _reach(self, what: str) -> None:
        for call in self._calls[what]:
            call()

    @safely
    def evaluate(
        self, step: int | None, task: str, *, n: int | None = None, n_invalid: int | None = None, weights: str = "raw",
        subset: str = "", **metrics: Any,
    ) -> None:  # fmt: skip
        """Records an evaluation: `run.evaluate(step, "gsm8k", accuracy=0.41, n=1319, n_invalid=12, weights="ema")`.

        `step` None: after the last completed step. Accuracies are shares between 0 and 1; `n_invalid` of the `n`
        answers were in no readable format. Any task at any cadence, also before it is learned or if it never is.
        Each metric is a series `eval_<metric>` by task too; of weights other than "raw" `eval_<metric>_<weights>`; a
        further `subset` of a task counts as a task of its own.
        """
        at, task = self._ledger.done if step is None else int(step), str(task)
        part = task if self._subsets.setdefault(task, subset) == subset else f"{task} ({subset or 'whole'})"
        ending = "" if weights == "raw" else f"_{weights}"
        row: dict[Any, float] = {}
        for metric, value in metrics.items():
            value = float(value)
            self._odd(at, task, metric, value, part + ending)
            self._recorder.writer.evaluation(
                db.Evaluation(
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
        self._put(at, row, ("task",), {f"{EVAL}{name}": said for name, said in SENTENCES.items()})

    def _odd(self, step: int, task: str, metric: str, value: float, series: str) -> None:
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
            self._recorder.failed(what, ValueError(why))

    @safely
    def predictions(
        self, predicted: Tensor, new: Iterable[int], *, old: Iterable[int] | None = None,
        targets: Tensor | None = None, weight: Tensor | nn.Module | None = None, step: int | None = None,
    ) -> None:  # fmt: skip
        """Records how much a classifier prefers the classes of the current task: `run.predictions(logits, new=[8, 9])`.

        See `head.py` for what is recorded: by `predicted` classes [n] or logits [n, classes] on a sample of *all* tasks
        seen, with their `targets` [n] if at hand, and by the head's `weight` [classes, width] (or the module).
        """
        at = self._ledger.done if step is None else int(step)
        found = head(predicted, new, old=old, targets=targets, weight=weight)
        self._put(at, {name: value for name, (value, *_) in found.items()}, (), {n: s[1:] for n, s in found.items()})

    @safely
    def alignment(self, losses: Mapping[str, Tensor], *, step: int | None = None) -> None:
        """Records whether the gradients of domains pull together, before `backward` of their sum: see `alignment.py`.

        It costs a backward pass for each domain: call it now and then.
        """
        at = self._ledger.done if step is None else int(step)
        names, cosines = alignment(losses, self._trained())
        row = {
            ("grad_alignment", a, b): cosines[i, j] for i, a in enumerate(names) for j, b in enumerate(names) if i < j
        }
        said = "Cosine between the gradients of two domains: below 0 a step for one harms the other"
        self._put(at, row, ("domain", "with"), {"grad_alignment": (said, "higher")})

    def trouble(self, what: str, problem: BaseException) -> None:
        """Warns once that, and why; training goes on."""
        if self._recorder is not None:
            self._recorder.failed(what, problem)

    def _put(self, step: int, row: dict[Any, Any], axes: tuple[str, ...], said: Mapping[str, Sequence[str]]) -> None:
        """Records a row of single values at a step; `said`: a sentence and which way is better, by signal."""
        for key in row:
            name = key[0] if isinstance(key, tuple) else key
            if name not in self._described:
                self._described.add(name)
                sentence, better = said.get(name, ("Metric of a task's evaluations", "neither"))
                description = db.Description(name, sentence=sentence, better=better, axes=axes)
                self._recorder.writer.describe(description)
        if row:
            self._recorder.named(step, row)

    def _layouts(self) -> list[Layout]:
        return [t._layout for t in self._trackers if t._layout is not None]

    def _trained(self) -> list[Tensor]:
        return [p for t in self._trackers for group in t.optimizer.param_groups for p in group["params"]]
