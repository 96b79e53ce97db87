"""What every integration stands on: one run that a framework's callbacks feed, and no exception out of them.

    begin -> part, part, ... -> stepped -> part, ... -> end          where the framework shows its micro-batches
             scalars(values, step), evaluated(task, metrics)         where it shows what the user logs

Hooks, steps and what is written are `watch`'s.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor

from ...db.writer import RunWriter
from ..machinery import Machinery
from ..null_run import NullRun
from ..presets import cadences
from ..recording.configuration import configuration
from ..recording.exception_text import exception_text
from ..recording.logged_values import number
from ..recording.recorder import Recorder, warn
from ..run import LiveRun
from ..signals import discover
from ..watch import watch
from ._names import GRAD_NORM, LOSS, VAL_LOSS, Place, place


def harmless(hook: Callable) -> Callable:
    """A framework's hook that never raises into training: what goes wrong is one warning, and training goes on."""

    @functools.wraps(hook)
    def guarded(self: Any, *arguments: Any, **options: Any) -> Any:
        try:
            return hook(self, *arguments, **options)
        except Exception as problem:
            self.bridge.failed(hook.__name__, problem)

    return guarded


class Bridge:
    """The run of one integration; `run` is what `watch` returned, and records nothing before `begin` and after `end`.

    `options` are `watch`'s, from the user: they go before what the framework says. Raises ValueError for those that
    `watch` does not have, at once and not in training.
    """

    def __init__(self, **options: Any):
        if unknown := sorted(set(options) - set(inspect.signature(watch).parameters)):
            raise ValueError(f"{', '.join(unknown)}: expected options of `watch`, such as store, name, preset, tags")
        cadences(options.get("preset") or "standard")
        self.options = options
        self.run: LiveRun = NullRun()
        self.hooked = self.begun = False
        self._warned: set[str] = set()
        self._state: str | None = None  # the state that the run was ended with
        self._reset()

    def _reset(self) -> None:
        self._loss: Tensor | None = None  # sum over the micro-batches of the step under way
        self._parts, self._tries, self._tokens = 0, 0, 0
        self._written = self.run.step
        self._places: dict[str, Place | None] = {}
        self._taken: set[Any] = set(discover()) - {"lr", GRAD_NORM} if self.hooked else set()
        self._newest = 0  # the last step that a loss was given for

    def begin(self, model: Any = None, optimizer: Any = None, *, config: Any = None, **found: Any) -> None:
        """Starts the run with what the framework knows; `found` are options of `watch`. Ends an earlier run."""
        self.end("stopped")
        given = {name: value for name, value in self.options.items() if value is not None}
        both = configuration(config) | configuration(given.pop("config", None))
        options = {**found, **given, "config": both}
        self.hooked, self.begun = False, True
        try:
            self.run = watch(model, optimizer, **options)
            self.hooked = optimizer is not None and not self.run.over
        except ValueError as problem:  # an optimizer of the framework's own kind
            self.failed("watching the optimizer", problem)
            self.run = watch(**{name: value for name, value in options.items() if name not in ("scheduler", "scaler")})
        self._reset()

    def end(self, state: str | None = None, problem: BaseException | None = None) -> None:
        """Ends the run; `problem` goes on its timeline."""
        if problem is not None:
            self.run.event("exception", exception_text(problem))
        if not self.run.over:
            self._state = state
        self.run.finish(state)

    def failed(self, what: str, problem: Exception) -> None:
        """Says once that, and why."""
        if what not in self._warned:
            self._warned.add(what)
            warn(f"{what} failed ({type(problem).__name__}: {problem}); training goes on")

    def configure(self, values: Any) -> None:
        """Adds hyper-parameters to a run that has begun, or to the one to come."""
        values = configuration(values)
        if self.run.over:
            self.options["config"] = configuration(self.options.get("config")) | values
        else:
            self.run._machinery.record.configure(values)

    def assign(self, project: str) -> None:
        """Puts the run that has begun, or the one to come, into a project, unless the user has named one."""
        if not self.options.get("project"):
            self.options["project"] = project
            if not self.run.over:
                self.run._machinery.record.writer.update(project=project)

    def part(self, loss: Any, tokens: int = 0) -> None:
        """One micro-batch of the step under way: its loss or its share of the loss, and its tokens."""
        if isinstance(loss, Tensor) and not self.run.over:
            self._loss = loss.detach() if self._loss is None else self._loss + loss.detach()
            self._parts, self._tokens = self._parts + 1, self._tokens + tokens
            self._taken.add(LOSS)

    def stepped(self, mean: bool = False, **beside: Any) -> None:
        """The optimizer should have stepped: the loss is the sum (or mean) of the parts.

        A step that was skipped (mixed precision overflowed) is none: its loss is averaged with that of the next try.
        """
        self._tries += 1
        if self._loss is None or (self.hooked and self.run.step == self._written):
            return
        loss = self._loss / (self._parts if mean else self._tries)
        self.run.log({"loss": loss, **beside}, tokens=self._tokens or None)
        self._written = self.run.step
        self._loss, self._parts, self._tries, self._tokens = None, 0, 0, 0

    def scalars(self, values: Mapping[str, Any], step: int | None = None, results: bool = True) -> None:
        """Values by the names that the user gave them; those that are no numbers are left out.

        Where hooks count the steps, values belong where `run.log` puts them. Elsewhere to `step`; only a loss that goes
        back begins a new attempt. Any other value whose step is less than half of the loss's counts something else,
        epochs most likely: it is put where the loss is. Without `results` those on held-out data are left out.
        """
        row: dict[Any, Any] = {}
        found: dict[tuple[str, int | None], dict[Any, Any]] = {}
        for name, value in values.items():
            value, where = number(value), self._place(name)
            if value is None or where is None or self._measured(where):
                continue
            if where.task or where.key == VAL_LOSS:
                found.setdefault((where.task, self._at(step)), {})[where.key] = value
            elif where.key == LOSS or step is None or self.hooked:
                row[where.key] = value
            else:
                self._put(where.key, value, self._at(step))
        if row:
            if LOSS in row and step is not None and not self.hooked:
                self._newest = step
            self.run.log(row, step=None if self.hooked else step)
        for (task, at), metrics in found.items() if results else ():
            self.evaluated(task, metrics, at)

    def evaluated(self, task: str, metrics: Mapping[str, Any], step: int | None = None, n: int | None = None) -> None:
        """Results on `n` held-out examples, after the last step or `step`; `val_loss` among them is a series.

        Training may be over: then the run is opened once more for them.
        """
        metrics = {name: float(x) for name, value in metrics.items() if (x := number(value)) is not None}
        late = bool(metrics) and self.run.over and bool(self.run.id)
        run = self._opened_again() if late else self.run
        step = max(self._newest, self.run.step) if late and step is None else step
        for name in [name for name in metrics if name.startswith(VAL_LOSS)]:
            run.log({name: metrics.pop(name)}, split="val", step=step)
        if metrics:
            run.evaluate(step, task, **{"n": n, **metrics})
        if late:
            run.finish(self._state)

    def _opened_again(self) -> LiveRun:
        """The run that is over, in the same attempt: a new one would leave the last step to the one before."""
        before = self.run._machinery
        writer = before.record.writer
        if not isinstance(writer, RunWriter):
            return NullRun()
        anew = RunWriter(
            writer.store, writer.run, writer.run.attempt, writer.from_step, writer.resumes, writer.attempts[:-1]
        )
        again = Machinery(Recorder(anew))
        again.log.last_loss = before.log.last_loss  # a run that has diverged stays one
        return LiveRun(again)

    def beside(self, values: Mapping[str, Any]) -> None:
        """Other values of the last step, each a series of its own with the steps at which it was logged."""
        for name, value in values.items():
            if (value := number(value)) is not None:
                self._put(f"logged_{name}" if name in self._taken else name, value, self.run.step)

    def _place(self, name: str) -> Place | None:
        if name not in self._places:
            found = self._places[name] = place(name, self._taken)
            if found is not None and not found.task and not self._measured(found):
                self._taken.add(found.key)
        return self._places[name]

    def _measured(self, where: Place) -> bool:
        """Whether the hooks measure it themselves, at every step."""
        return self.hooked and not where.task and (where.key == GRAD_NORM or isinstance(where.key, tuple))

    def _at(self, step: int | None) -> int | None:
        if self.hooked or step is None:
            return None
        return self._newest if 2 * step < self._newest else step

    def _put(self, key: str | tuple[str, ...], value: Any, step: int | None) -> None:
        if not self.run.over:
            self.run._machinery.record.put(key, value, self.run.step if step is None else step)
