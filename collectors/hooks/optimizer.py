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

from ..distributed.shares import Shares
from ..signal import Measured, Moment, Parts, Signal
from ..step_context import Seen
from . import clipping
from .clipping import Clip
from .layout import Layout

Item = tuple[str, Parts | None, Any]
KEPT_CLIPS = 64  # of an optimizer that never steps


class Host(Protocol):
    """What a tracker needs of the run."""

    shares: Shares | None
    """Of a run of many ranks: what they share."""

    def agenda(self, main: bool, step: int) -> Sequence[tuple[Signal, bool]]:
        """Signals of a step, each with the word whether it is wanted only where it is free."""

    def open_step(self, index: int) -> tuple[int, dict[str, Any]]:
        """The number of the step that begins, and what else Seen shall show."""

    def close_step(self, index: int, seen: Seen) -> None:
        """The optimizer has stepped."""

    def row(self, seen: Seen, items: list[Item]) -> None:
        """All that was measured."""

    def failed(self, signal: Signal | None, problem: Exception) -> None:
        """A signal has raised, or (None) the hooks themselves."""


class Tracker:
    """Hooks on optimizer number `index` of `host`, until `detach`."""

    def __init__(
        self, host: Host, index: int, optimizer: Optimizer, model: nn.Module | None, scaler: Any, part: Parts | None
    ):
        self.host, self.index, self.optimizer, self.model, self.scaler = host, index, optimizer, model, scaler
        self._part = part
        self._layout: Layout | None = None
        self._clips: list[Clip] = []
        self._seen: Seen | None = None
        self._items: list[Item] = []
        self._agenda: Sequence[tuple[Signal, bool]] = ()
        self._moments: dict[str, Moment] = {}
        self._again = False  # a closure was called twice in one step
        self._undo = [
            clipping.listen(self._heard),
            optimizer.register_step_pre_hook(self._safe(self._before)).remove,
            optimizer.register_step_post_hook(self._safe(self._after)).remove,
        ]

    def detach(self) -> None:
        """Takes the hooks off and lets go of what they held."""
        while self._undo:
            self._undo.pop()()
        if self._layout is not None:
            self._layout.close()
        self._seen, self._layout, self._clips = None, None, []

    def _safe(self, hook: Callable) -> Callable:
        eager: list[Callable] = []

        def guarded(*arguments: Any) -> Any:
            if not eager and "torch._dynamo" in sys.modules:
                eager.append(torch.compiler.disable(hook))
            try:
                return (eager[0] if eager else hook)(*arguments)
            except Exception as problem:
                self._seen = None
                self.host.failed(None, problem)

        guarded._torchdynamo_disable = True  # a compiled step calls it outside of its graph
        return guarded

    def _heard(self, clip: Clip) -> None:
        if self.scaler is not None and clip.total is not None and not _unscaled(self.scaler, self.optimizer):
            scale = getattr(self.scaler, "_scale", None)
            clip = clip if scale is None else dataclasses.replace(clip, scale=scale.clone())
        self._clips = [*self._clips[1 - KEPT_CLIPS :], clip]

    def _before(self, optimizer: Optimizer, arguments: tuple, options: dict) -> tuple[tuple, dict] | None:
        if _capturing():
            return None
        if self._layout is None or not self._layout.fits(optimizer):
            if self._layout is not None:
                self._layout.close()
            self._layout = Layout(optimizer, self.model)
            if self.host.shares is not None:
                self._layout.roots = self.host.shares.roots(self._layout)
        closure = arguments[1] if len(arguments) > 1 else options.get("closure")
        step, more = self.host.open_step(self.index)
        given = callable(closure)
        self._seen = Seen(step, optimizer, self._layout, self._clips, scaler=self.scaler, closure=given, **more)
        if not given:
            self._look(self._seen)
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
        seen = self._seen
        if seen is None:
            return
        self._again = not seen.closure
        if seen.closure:
            seen.closure = False
            self._look(seen)

    def _look(self, seen: Seen) -> None:
        """What is wanted, of the moment before the step."""
        seen.clips = self._clips
        self._items, self._agenda = [], self.host.agenda(self.index == 0, seen.step)
        self._measure(Moment.BEFORE)

    def _after(self, optimizer: Optimizer, arguments: tuple, options: dict) -> None:
        seen = self._seen
        if seen is None:
            return
        if seen.closure:  # never called, or not to be heard
            self._look(seen)
        seen.turn()
        self.host.close_step(self.index, seen)
        self._measure(Moment.AFTER)
        self._seen, self._clips = None, []
        self.host.row(seen, self._items)

    def _measure(self, moment: Moment) -> None:
        seen = self._seen
        with torch.no_grad():
            for signal, free_only in self._agenda:
                if self._moment(signal) is not moment:
                    continue
                try:
                    if not free_only or signal.free(seen):
                        self._keep(signal, signal.measure(seen))
                except Exception as problem:
                    self.host.failed(signal, problem)

    def _moment(self, signal: Signal) -> Moment:
        moment = self._moments.get(signal.name)
        if moment is None:
            moment = signal.moment if isinstance(signal.moment, Moment) else signal.moment(self.optimizer)
            self._moments[signal.name] = moment
        return moment

    def _keep(self, signal: Signal, measured: Measured) -> None:
        if measured is None:
            return
        shared = signal.across and self.host.shares is not None
        name = f"{signal.name}_local" if signal.of_tensors and self._layout.sharded and not shared else signal.name
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
