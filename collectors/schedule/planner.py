"""Keeps a run's planned learning rate true: read once the scheduler's pace is known, again when the rate leaves it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from torch.optim import Optimizer

from ..recording.recorder import warn
from .projection import Projection, Unplanned, count, rates, run_ahead_copy

FIRST_SLICE = 0.05  # seconds of training's time for the plan at first, once
SLICE = 0.0002  # and then at each step
LEFT = 0.005  # of the plan's peak: the rate has left the plan
UNKNOWN = (
    "no scheduler was given, so how the learning rate goes on can only be guessed: pass watch(scheduler=...), or "
    "watch(plan=...), a function of the step or an array of rates"
)
CALM = 20  # steps before it is planned again, doubled each time

Publish = Callable[[str, np.ndarray, np.ndarray, str, int], None]
Say = Callable[[str], None]


class Planner:
    """`before_step(step)` sees every step of the first optimizer, before it happens.

    `publish(group, steps, values, origin, made_at)` takes a plan, `say(text)` a sentence for the run's timeline.
    `given`: steps and rates that the user knows better.
    """

    def __init__(
        self,
        scheduler: Any,
        optimizer: Optimizer | None,
        total_steps: int | None,
        publish: Publish,
        say: Say,
        *,
        keep: Sequence[Any] = (),
        given: tuple[np.ndarray, np.ndarray] | None = None,
    ):
        self.scheduler, self.end = scheduler, total_steps or 0
        self._optimizer: Any = optimizer  # None: nothing is planned
        self._publish, self._say, self._keep = publish, say, keep
        self._count: int | None = None
        self._changes: list[tuple[int, int]] = []  # the last two: (optimizer step that saw it first, scheduler steps)
        self._born = 0  # the step at which the scheduler was first seen
        self._projection: Projection | None = None
        self._published = False
        self._first: np.ndarray | None = None  # the rates of the first step
        self._not_before, self._calm = 0, CALM
        self._unasked = scheduler is None and given is None and optimizer is not None and self.end > 0
        self._off = scheduler is None or given is not None or optimizer is None
        if given is not None:
            self._publish("0", *given, "given", 0)
        elif scheduler is not None and total_steps is None:
            self._give_up("how long the run will be is not known; pass total_steps=")

    def before_step(self, step: int) -> None:
        if self._unasked:
            self._ask()
        if self._off or step > self.end:
            return
        try:
            self._observe(step)
            if self._projection is None:
                self._begin(step)
            elif not self._published:
                self._go_on(step, SLICE)
            elif step >= self._not_before:
                self._compare(step)
        except Unplanned as reason:
            self._give_up(str(reason))

    def _ask(self) -> None:
        """Says that a plan is missing as soon as a rate has changed; where it never does there is nothing to ask."""
        now = rates(self._optimizer.param_groups)
        if self._first is None:
            self._first = now
        if now is None or self._first is None or np.array_equal(now, self._first):
            return
        self._unasked = False
        self._say(f"{UNKNOWN[0].upper()}{UNKNOWN[1:]}.")
        warn(UNKNOWN)

    def follow(self, optimizer: Optimizer) -> None:
        """Another optimizer steps from here on: the scheduler is none of its, unless both have the same groups."""
        if self._off:
            self._optimizer = optimizer
        elif optimizer.param_groups is not self._optimizer.param_groups:
            self._give_up("the scheduler's optimizer does not step any more")

    def _observe(self, step: int) -> None:
        now = count(self.scheduler)
        if now is None:
            raise Unplanned(f"{type(self.scheduler).__name__} does not count its steps; pass plan=")
        if self._count is None:
            self._born = step
        elif now != self._count:
            self._changes = [*self._changes[-1:], (step, now - self._count)]
        self._count = now

    def _pace(self) -> tuple[int, int] | None:
        """(scheduler steps a change, optimizer steps from change to change), once it has been seen."""
        if len(self._changes) == 2 and self._changes[0][1] == self._changes[1][1] > 0:
            return self._changes[1][1], self._changes[1][0] - self._changes[0][0]
        if len(self._changes) == 1 and self._changes[0][1] > 0:
            period = self._changes[0][0] - self._born
            if period > 1 and self._born <= 1:  # an epoch that began with the run
                return self._changes[0][1], period
        return None

    def _begin(self, step: int) -> None:
        pace = self._pace()
        if pace is None or step >= self.end:
            return
        ahead = run_ahead_copy(self.scheduler, self._optimizer, self._keep)
        per_change, period = pace
        since = step - self._changes[-1][0]
        wait = period - since % period
        self._published = False
        self._projection = Projection(ahead, step, self.end, per_change, period, wait)
        self._go_on(step, FIRST_SLICE)

    def _go_on(self, step: int, seconds: float) -> None:
        projection = self._projection
        if projection is None or not projection.advance(seconds):
            return
        self._published = True
        steps = np.arange(projection.first, projection.end + 1)
        for group, values in enumerate(projection.values):
            self._publish(str(group), steps, values, "scheduler", step)

    def _compare(self, step: int) -> None:
        projection, real = self._projection, rates(self._optimizer.param_groups)
        planned = projection.at(step) if projection is not None else None
        if projection is None or planned is None or real is None:
            return
        if len(real) == len(planned) and (np.abs(real - planned) <= LEFT * projection.peak).all():
            return
        worst = int(np.abs(real - planned).argmax()) if len(real) == len(planned) else 0
        found = f"{real[worst]:.3g} instead of {planned[worst]:.3g}"
        self._say(f"The learning rate has left its plan at step {step} ({found}); planned again.")
        self._not_before = step + self._calm
        self._calm *= 2
        self._begin(step)

    def _give_up(self, why: str) -> None:
        self._off = True
        self._say(f"Planned learning rate unknown: {why}")
