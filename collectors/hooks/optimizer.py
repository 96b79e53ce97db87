"""The hooks of one optimizer: what happens around each of its steps.

optimizer.step()
  pre-hook    signals of the moment BEFORE
  the step    given a closure, the gradients appear inside: BEFORE is when the closure returns; where it is called again
              within one step (LBFGS), BEFORE is after the step
  post-hook   signals of the moment AFTER, then one row for the recorder
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import torch
from torch import nn
from torch.optim import Optimizer

from ..measurement import Item, Measured, Moment, Parts
from ..signal import Signal
from ..step_context import StepContext
from . import clipping
from .clipping import Clip
from .parameter_layout import ParameterLayout

KEPT_CLIPS = 64  # of an optimizer that never steps


class StepListener(Protocol):
    """What the hooks need of the run."""

    @property
    def shares_signals(self) -> bool:
        """Whether the run is one of many ranks, whose signals are joined."""

    def rank_roots(self, layout: ParameterLayout) -> torch.Tensor | None:
        """By what a norm is divided so that the squares of all ranks add up; None: by nothing."""

    def due(self, main: bool, step: int) -> Sequence[tuple[Signal, bool]]:
        """Signals of a step, each with whether it is wanted only where it is free."""

    def open_step(self, index: int) -> tuple[int, dict[str, Any]]:
        """The number of the step that begins, and what else the context shall show."""

    def close_step(self, index: int, context: StepContext) -> None:
        """The optimizer has stepped."""

    def row(self, context: StepContext, items: list[Item]) -> None:
        """All that was measured."""

    def failed(self, signal: Signal | None, problem: Exception) -> None:
        """A signal has raised, or (None) the hooks themselves."""


class OptimizerHooks:
    """Hooks on optimizer number `index` of a run, until `detach`."""

    def __init__(
        self,
        listener: StepListener,
        index: int,
        optimizer: Optimizer,
        model: nn.Module | None,
        scaler: Any,
        part: Parts | None,
    ):
        self.listener, self.index, self.optimizer = listener, index, optimizer
        self.layout: ParameterLayout | None = None
        self._model, self._scaler, self._part = model, scaler, part
        self._clips: list[Clip] = []
        self._context: StepContext | None = None
        self._items: list[Item] = []
        self._due: Sequence[tuple[Signal, bool]] = ()
        self._moments: dict[str, Moment] = {}
        self.resting = False  # another optimizer has its place
        self._again = False  # a closure was called twice in one step
        self._undo: list[Callable[[], object]] = []
        try:
            self._undo.append(optimizer.register_step_pre_hook(self._safe(self._before)).remove)
            self._undo.append(optimizer.register_step_post_hook(self._safe(self._after)).remove)
            self._undo.append(clipping.listen(self._heard))
        except Exception:
            self.detach()  # half of them would be worse than none
            raise

    def detach(self) -> None:
        """Takes the hooks off and lets go of what they held."""
        while self._undo:
            self._undo.pop()()
        if self.layout is not None:
            self.layout.close()
        self._context, self.layout, self._clips = None, None, []

    def shares(self, optimizer: Optimizer) -> bool:
        """Whether another optimizer has one of this one's parameters."""
        mine = {id(p) for group in self.optimizer.param_groups for p in group["params"]}
        return any(id(p) in mine for group in optimizer.param_groups for p in group["params"])

    def twin(self, optimizer: Optimizer) -> OptimizerHooks:
        """The same hooks on another optimizer."""
        return OptimizerHooks(self.listener, self.index, optimizer, self._model, self._scaler, self._part)

    def hand_over(self, others: OptimizerHooks) -> None:
        """Rests, as others have its place; what is known of the same parameters goes along.

        The hooks stay on, and do nothing: to take them off in the middle of a step would end training.
        """
        self.resting, others.resting = True, False
        others.layout, self.layout = self.layout, others.layout
        if others.layout is not None and not others.layout.same(others.optimizer):
            others.layout.close()
            others.layout = None
        self._context, self._clips = None, []

    def _safe(self, hook: Callable) -> Callable:
        eager: list[Callable] = []

        def guarded(*arguments: Any) -> Any:
            if not eager and "torch._dynamo" in sys.modules:
                eager.append(torch.compiler.disable(hook))
            try:
                return (eager[0] if eager else hook)(*arguments)
            except Exception as problem:
                self._context = None
                self.listener.failed(None, problem)

        vars(guarded)["_torchdynamo_disable"] = True  # a compiled step calls it outside of its graph
        return guarded

    def _heard(self, clip: Clip) -> None:
        if self._scaler is not None and clip.total is not None and not _unscaled(self._scaler, self.optimizer):
            scale = getattr(self._scaler, "_scale", None)
            clip = clip if scale is None else dataclasses.replace(clip, scale=scale.clone())
        self._clips = [*self._clips[1 - KEPT_CLIPS :], clip]

    def _before(self, optimizer: Optimizer, arguments: tuple, options: dict) -> tuple[tuple, dict] | None:
        if self.resting or _capturing():
            return None
        if self.layout is None or not self.layout.fits(optimizer):
            if self.layout is not None:
                self.layout.close()
            self.layout = ParameterLayout(optimizer, self._model)
            self.layout.roots = self.listener.rank_roots(self.layout)
        closure: Any = arguments[1] if len(arguments) > 1 else options.get("closure")
        step, more = self.listener.open_step(self.index)
        given = callable(closure)
        self._context = StepContext(
            step, optimizer, self.layout, self._clips, scaler=self._scaler, closure=given, **more
        )
        if not given:
            self._measure_before(self._context)
        elif not self._again:
            shown = self._shown(closure, self._safe(self._returned))
            return ((optimizer, shown, *arguments[2:]), options) if len(arguments) > 1 else (
                arguments, {**options, "closure": shown}
            )  # fmt: skip
        return None

    def _shown(self, closure: Callable, returned: Callable) -> Callable:
        def shown(*arguments: Any, **options: Any) -> Any:
            loss = closure(*arguments, **options)
            returned()
            return loss

        return shown

    def _returned(self) -> None:
        """The closure has run: the gradients are there, and the weights still old."""
        context = self._context
        if context is None:
            return
        self._again = not context.closure
        if context.closure:
            context.closure = False
            self._measure_before(context)

    def _measure_before(self, context: StepContext) -> None:
        """What is wanted, of the moment before the step."""
        context.clips = self._clips
        self._items, self._due = [], self.listener.due(self.index == 0, context.step)
        self._measure(Moment.BEFORE)

    def _after(self, optimizer: Optimizer, arguments: tuple, options: dict) -> None:
        context = self._context
        if context is None:
            return
        if context.closure:  # never called, or called unseen
            self._measure_before(context)
        context.taken()
        self.listener.close_step(self.index, context)
        self._measure(Moment.AFTER)
        self._context, self._clips = None, []
        self.listener.row(context, self._items)

    def _measure(self, moment: Moment) -> None:
        context = self._context
        if context is None:
            return
        with torch.no_grad():
            for signal, free_only in self._due:
                if self._moment(signal) is not moment:
                    continue
                try:
                    if not free_only or (signal.free is not None and signal.free(context)):
                        self._keep(signal, signal.measure(context))
                except Exception as problem:
                    self.listener.failed(signal, problem)

    def _moment(self, signal: Signal) -> Moment:
        moment = self._moments.get(signal.name)
        if moment is None:
            moment = self._moments[signal.name] = signal.moment_for(self.optimizer)
        return moment

    def _keep(self, signal: Signal, measured: Measured) -> None:
        if measured is None:
            return
        local = signal.of_tensors and self.layout is not None and self.layout.sharded
        shared = signal.across and self.listener.shares_signals
        name = f"{signal.name}_local" if local and not shared else signal.name
        if isinstance(measured, tuple):
            self._items.append((name, *measured))
        elif signal.of_run or self._part is None:
            self._items.append((name, None, measured))
        else:
            self._items.append((name, self._part, torch.as_tensor(measured).reshape(1)))


def _unscaled(scaler: Any, optimizer: Optimizer) -> bool:
    """Whether the scaler has taken its factor out of this optimizer's gradients."""
    states = getattr(scaler, "_per_optimizer_states", None)
    stage = states[id(optimizer)].get("stage") if states is not None and id(optimizer) in states else None
    return getattr(stage, "name", "") == "UNSCALED"


def _capturing() -> bool:
    return torch.cuda.is_initialized() and torch.cuda.is_current_stream_capturing()
