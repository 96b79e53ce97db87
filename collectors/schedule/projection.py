"""The learning rate that a scheduler still has to come, found by running a copy of it ahead.

The copy is a deep one whose memo replaces the optimizer by a stub without parameters and maps the model and every
parameter to itself, so nothing large is copied and the real scheduler never moves. Plain functions and bound methods of
other objects are shared, stateful callables are copied.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import inspect
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from types import MethodType, SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch.optim import Optimizer
from torch.optim.lr_scheduler import ReduceLROnPlateau


class Unplanned(Exception):
    """The learning rate to come cannot be known; the message says why."""


def schedulers(scheduler: Any) -> list[Any]:
    """A scheduler and those inside it (Sequential, Chained), each once."""
    found: list[Any] = []
    queue = [scheduler]
    while queue:
        one = queue.pop(0)
        if any(one is known for known in found):
            continue
        found.append(one)
        queue += list(getattr(one, "_schedulers", ()) or ())
    return found


def count(scheduler: Any) -> int | None:
    """How many times the scheduler has stepped; None where it does not say."""
    counts = [c for s in schedulers(scheduler) if isinstance(c := getattr(s, "last_epoch", None), int)]
    own = getattr(scheduler, "last_epoch", None)
    return own if isinstance(own, int) else (max(counts) if counts else None)


def rates(groups: Sequence[dict]) -> np.ndarray | None:
    """Learning rates of the groups; None where one is on a device, for reading it would wait for the device."""
    found = [group["lr"] for group in groups]
    if any(isinstance(r, torch.Tensor) and r.device.type != "cpu" for r in found):
        return None
    return np.array([float(r) for r in found])


def bare(optimizer: Any) -> Any:
    """What a wrapper of an optimizer (Accelerate's) wraps: its hooks are called, its groups are the real ones."""
    while isinstance(getattr(optimizer, "optimizer", None), Optimizer):
        optimizer = optimizer.optimizer
    return optimizer


def run_ahead_copy(scheduler: Any, optimizer: Optimizer, keep: Sequence[Any] = ()) -> Any:
    """A copy of `scheduler` that steps a stub of `optimizer` (its `.optimizer`); objects in `keep` are shared.

    Raises Unplanned where the schedule depends on what training will show, or where it cannot be copied.
    """
    every = schedulers(scheduler)
    for one in every:
        if isinstance(one, ReduceLROnPlateau) or _needs_arguments(one):
            raise Unplanned(f"{type(one).__name__} decides from what training shows; pass plan= if you know better")
        if bare(getattr(one, "optimizer", optimizer)) is not optimizer:
            raise Unplanned(f"{type(one).__name__} belongs to another optimizer than the first one watched")
    stub = _stub(optimizer)
    memo: dict[int, Any] = {id(optimizer): stub, **{id(s.optimizer): stub for s in every if hasattr(s, "optimizer")}}
    for group in optimizer.param_groups:
        memo.update((id(p), p) for p in group["params"])
    memo.update((id(thing), thing) for thing in keep if thing is not None)
    for method in _methods([vars(s) for s in every]):
        if not any(method.__self__ is s for s in every) and method.__self__ is not optimizer:
            memo[id(method)] = method
    try:
        ahead = copy.deepcopy(scheduler, memo)
    except Exception as problem:
        raise Unplanned(f"{type(scheduler).__name__} cannot be copied ({problem}); pass plan=") from problem
    ahead.optimizer = stub
    return ahead


class Projection:
    """Learning rates of the optimizer steps after `step` up to `end`, worked out in slices of time.

    The copy steps `per_change` times, `period` optimizer steps after each other, next before step `step` + `wait`.
    """

    def __init__(self, ahead: Any, step: int, end: int, per_change: int = 1, period: int = 1, wait: int = 1):
        self.first, self.end = step, end
        self._groups = ahead.optimizer.param_groups
        self.values = np.empty((len(self._groups), end - step + 1))
        self.values[:, 0] = rates(self._groups)
        self.filled = 1  # columns known: steps first ... first + filled - 1
        self._peak_of = 0
        self._work = self._steps(ahead, per_change, period, wait)

    @property
    def ready(self) -> bool:
        return self.filled == self.values.shape[1]

    @property
    def peak(self) -> np.ndarray:
        """Largest rate of each group so far."""
        if self._peak_of != self.filled:
            self._peak_of, self._peak = self.filled, np.abs(self.values[:, : self.filled]).max(axis=1)
        return self._peak

    def advance(self, seconds: float) -> bool:
        """Works for about `seconds`; True when it is done. Raises Unplanned where the scheduler fails at once."""
        until = time.perf_counter() + seconds
        with _undisturbed():
            for _ in self._work:
                if time.perf_counter() > until:
                    break
        return self.ready

    def at(self, step: int) -> np.ndarray | None:
        """Planned rates [groups] of a step; None where it is not known."""
        column = step - self.first
        return self.values[:, column] if 0 <= column < self.filled else None

    def _steps(self, ahead: Any, per_change: int, period: int, wait: int) -> Iterator[None]:
        for column in range(1, self.values.shape[1]):
            if column >= wait and (column - wait) % period == 0:
                try:
                    for _ in range(per_change):
                        ahead.step()
                except Exception as problem:  # past its end: the last rate holds
                    if column == wait:
                        name = type(ahead).__name__
                        raise Unplanned(f"{name}.step() failed on a copy ({problem}); pass plan=") from problem
                    self.values[:, column:] = self.values[:, column - 1 : column]
                    self.filled = self.values.shape[1]
                    return
            self.values[:, column] = rates(self._groups)
            self.filled = column + 1
            yield


def from_user(
    plan: Callable[[int], float] | Sequence[float] | np.ndarray, end: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """Steps and rates of `plan=`: a function of the optimizer step (the first is 1), or one rate for each step.

    Raises ValueError where it is neither, not finite, or a function without total_steps.
    """
    if callable(plan):
        if end is None:
            raise ValueError("plan= is a function: expected total_steps= too, to know where it ends")
        values = np.array([float(plan(step)) for step in range(1, end + 1)])
    else:
        values = np.asarray(plan, dtype=float)
    if values.ndim != 1 or not values.size or not np.isfinite(values).all():
        raise ValueError(f"plan= with shape {values.shape}: expected one finite learning rate for each step")
    return np.arange(1, len(values) + 1), values


def knots(steps: np.ndarray, values: np.ndarray, tolerance: float = 1e-6) -> tuple[np.ndarray, np.ndarray]:
    """The points that are needed: lines between them are within `tolerance` times the largest rate everywhere.

    >>> knots(np.arange(6), np.array([0., 1., 2., 3., 3., 3.]))[0].tolist()
    [0, 3, 5]
    """
    allowed = tolerance * np.abs(values).max()
    kept = {0, len(values) - 1}
    spans = [(0, len(values) - 1)]
    while spans:
        low, high = spans.pop()
        if high - low < 2:
            continue
        inside = np.arange(low + 1, high)
        line = values[low] + (values[high] - values[low]) * ((steps[inside] - steps[low]) / (steps[high] - steps[low]))
        gap = np.abs(values[inside] - line)
        worst = int(gap.argmax())
        if gap[worst] > allowed:
            at = int(inside[worst])
            kept.add(at)
            spans += [(low, at), (at, high)]
    keep = np.array(sorted(kept))
    return steps[keep], values[keep]


def _stub(optimizer: Optimizer) -> SimpleNamespace:
    groups = [{k: _host(v) for k, v in g.items() if k != "params"} | {"params": []} for g in optimizer.param_groups]

    def step(*arguments: Any, **options: Any) -> None: ...

    step._wrapped_by_lr_sched = True  # type: ignore[attr-defined]  # else a scheduler warns about the order of steps
    stub = SimpleNamespace(param_groups=groups, state={}, defaults=dict(optimizer.defaults), step=step)
    stub._opt_called = True
    return stub


def _host(value: Any) -> Any:
    return value.detach().cpu().clone() if isinstance(value, torch.Tensor) else copy.deepcopy(value)


def _needs_arguments(scheduler: Any) -> bool:
    with contextlib.suppress(TypeError, ValueError):
        return any(
            p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
            for p in inspect.signature(scheduler.step).parameters.values()
        )
    return True


def _methods(things: Sequence[Any], depth: int = 3) -> Iterator[MethodType]:
    for thing in things:
        if isinstance(thing, MethodType):
            yield thing
        elif depth and isinstance(thing, dict):
            yield from _methods(list(thing.values()), depth - 1)
        elif depth and isinstance(thing, list | tuple):
            yield from _methods(thing, depth - 1)
        elif depth and isinstance(thing, functools.partial):
            yield from _methods([thing.func, *thing.args, *thing.keywords.values()], depth - 1)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Puts the random states back: a user's schedule function may draw numbers."""
    python, torch_state = random.getstate(), torch.get_rng_state()
    numpy = sys.modules.get("numpy.random")
    numpy_state = numpy.get_state() if numpy else None
    try:
        yield
    finally:
        random.setstate(python)
        torch.set_rng_state(torch_state)
        if numpy:
            numpy.set_state(numpy_state)
