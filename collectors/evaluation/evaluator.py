"""Evaluates every task while training goes on, at the moments at which something happens.

probe = evaluator(run, model, {"digits": accuracy, "letters": accuracy}, data={"digits": a, "letters": b})
for name, batches in sequence:
    run.begin_task(name)                    # evaluated here: what this task begins from
    for batch in batches:
        ...
        optimizer.step()
        probe()                             # at each of the next 100 steps, then ever more rarely
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ..hooks.evaluation_mode import evaluation_mode
from ..run import LiveRun
from .cadence import Cadence, log_spaced

SAMPLE = 1000  # examples: one evaluation of 50 % then has a standard error of 1.6 points
SHARE = 0.1  # of the run's time
BURST = 20.0  # seconds


def evaluator(
    run: LiveRun,
    model: nn.Module | None,
    tasks: Mapping[str, Callable[..., Any]],
    cadence: Cadence | None = None,
    *,
    data: Mapping[str, Any] | None = None,
    sample: int = SAMPLE,
    seed: int = 0,
    budget: float = SHARE,
    burst: float = BURST,
    generators: Sequence[torch.Generator] = (),
) -> Evaluator:
    """An evaluator of `tasks` for a run that `watch` returned: call it after each step.

    tasks: name -> a function that returns an accuracy, or a mapping of metrics, with `n` and `n_invalid` if it counts
        them. Called without arguments; with `data` for its task, with the examples to evaluate on.
    cadence: which steps since the last boundary (task or data); None: `log_spaced()`. At a boundary and at the end of
        the run every task is evaluated.
    data: name -> a dataset (handed on as a Subset), a tensor, or a tuple of tensors. Of each `sample` examples are
        drawn once, by `seed`, so that two evaluations differ by the model alone; how many goes on the record.
    budget, burst: evaluation takes at most the share `budget` of the run's time and, so that the steps after a boundary
        are not missed, `burst` seconds more for each boundary. What would go beyond is left out and counted; one
        evaluation may cost more than the same did last time, by so much it can be exceeded. See `report`.
    generators: random generators of the loop's own, to be restored like the global ones.

    Functions run without gradients and in evaluation mode; they change nothing of training (`evaluation_mode`). One
    that raises costs a warning and is off. With several processes it runs where the run is recorded: functions must not
    wait for the other ranks. Raises ValueError for arguments that cannot be meant.
    """
    data = data or {}
    if not tasks or not all(callable(one) for one in tasks.values()):
        raise ValueError('evaluator(tasks=...): expected functions by name, e.g. {"digits": accuracy_on_digits}')
    if strange := sorted(set(data) - set(tasks)):
        raise ValueError(f"evaluator(data=...) of {', '.join(strange)}: expected only {', '.join(sorted(tasks))}")
    if sample < 1 or not 0 < budget <= 1 or burst < 0:
        raise ValueError(
            f"evaluator(sample={sample}, budget={budget}, burst={burst}): expected an example or more, a share of the "
            "time between 0 and 1, and seconds"
        )
    return Evaluator(run, model, dict(tasks), cadence or log_spaced(), data, sample, seed, budget, burst, generators)


class Evaluator:
    """What `evaluator` returns; a call is the end of a step."""

    def __init__(
        self,
        run: LiveRun,
        model: nn.Module | None,
        tasks: dict[str, Callable[..., Any]],
        cadence: Cadence,
        data: Mapping[str, Any],
        sample: int,
        seed: int,
        budget: float,
        burst: float,
        generators: Sequence[torch.Generator],
    ):
        self._run, self._model, self._tasks, self._cadence = run, model, tasks, cadence
        self._budget, self._burst, self._generators = budget, burst, tuple(generators)
        self._examples = {name: (_drawn(held, sample, seed), _length(held)) for name, held in data.items()}
        self._cost: dict[str, float] = {}
        self._at: dict[str, int] = {}  # the step at which each task was last evaluated
        self._began = time.perf_counter()
        self._since, self.boundaries = run.step, 1
        self.spent, self.done, self.left_out = 0.0, 0, 0
        if run.over:
            return
        run._machinery.tasks.on_boundary(self._boundary)
        run._machinery.tasks.on_end(self._end)
        if self._examples:
            drawn = [f"{name}: {_size(one[0]):,} of {one[1]:,} examples" for name, one in self._examples.items()]
            run.event("evaluator", "; ".join(drawn)[:1000] + f" (seed {seed})")

    def __call__(self) -> None:
        """Evaluates what is due after the last completed step."""
        if not self._run.over and self._cadence(self._run.step - self._since):
            self.evaluate()

    @property
    def allowed(self) -> float:
        """Seconds that evaluation may have taken by now."""
        return self._budget * (time.perf_counter() - self._began) + self._burst * self.boundaries

    @property
    def report(self) -> str:
        """What it has done, and what that took."""
        took = f"{self.done:,} evaluations took {self.spent:.2f} s of {self.allowed:.2f} s allowed"
        return took + (f"; {self.left_out:,} were left out to stay within" if self.left_out else "")

    def evaluate(self) -> None:
        """Evaluates every task now, as far as the budget goes: those first that have waited longest."""
        step = self._run.step
        due = sorted((n for n in self._tasks if self._at.get(n) != step), key=lambda name: self._at.get(name, -1))
        due = self._affordable(due) if not self._run.over else []
        if not due:
            return
        began = time.perf_counter()
        with evaluation_mode(self._model, self._generators):
            for name in due:
                self._one(name, step)
        self.spent += time.perf_counter() - began - sum(self._cost[name] for name in due)

    def _affordable(self, due: list[str]) -> list[str]:
        """Those that together stay within what is allowed, each taken to cost what it did the last time."""
        spent, allowed, kept = self.spent, self.allowed, []
        for name in due:
            cost = self._cost.get(name, 0.0)
            if spent + cost <= allowed:
                kept.append(name)
                spent += cost
            else:
                self.left_out += 1
        return kept

    def _one(self, name: str, step: int) -> None:
        began = time.perf_counter()
        counted: dict[str, int] = {}
        try:
            if name in self._examples:
                examples = self._examples[name][0]
                counted["n"] = _size(examples)
                found = self._tasks[name](examples)
            else:
                found = self._tasks[name]()
            metrics = dict(found) if isinstance(found, Mapping) else {"accuracy": found}
            self._run.evaluate(step, name, **counted | metrics)
        except Exception as problem:
            del self._tasks[name]
            self._run._machinery.record.failed(f"evaluating {name} is off from here on", problem)
        self._at[name], self._cost[name] = step, time.perf_counter() - began
        self.spent += self._cost[name]
        self.done += 1

    def _boundary(self) -> None:
        if self._run.step != self._since:
            self.boundaries += 1
        self._since = self._run.step
        self.evaluate()

    def _end(self) -> None:
        self.evaluate()
        self._run.event("evaluator", self.report)


def _drawn(held: Any, sample: int, seed: int) -> Any:
    """A random part of a dataset, a tensor or a tuple of tensors, its order kept."""
    size = _length(held)
    seeded = torch.Generator().manual_seed(seed)
    at = torch.randperm(size, generator=seeded)[:sample].sort().values
    if isinstance(held, Tensor):
        return held[at.to(held.device)]
    if isinstance(held, tuple):
        return tuple(one[at.to(one.device)] for one in held)
    return torch.utils.data.Subset(held, at.tolist())


def _length(held: Any) -> int:
    sizes = {len(one) for one in held} if isinstance(held, tuple) else {len(held)}
    if len(sizes) != 1 or not min(sizes):
        raise ValueError(f"evaluator(data=...) of lengths {sorted(sizes)}: expected tensors of one length, not empty")
    return sizes.pop()


def _size(examples: Any) -> int:
    return len(examples[0]) if isinstance(examples, tuple) else len(examples)
