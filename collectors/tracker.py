"""The hooks of one optimizer: what happens around each of its steps.

    optimizer.step()
      pre-hook    signals of the moment BEFORE    (a step that is given a closure: after it, the gradients appear inside)
      the step
      post-hook   signals of the moment AFTER, then one row for the recorder
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from . import clipping
from .clipping import Clip
from .layout import Layout
from .seen import Seen
from .signal import Moment, NotMeasured, Parts, Signal

Item = tuple[str, Parts | None, Any]
KEPT_CLIPS = 64  # of an optimizer that never steps


class Tracker:
    """Hooks on `optimizer` while attached.

    `due(step)` gives the signals of a step with the word whether only free ones are wanted now; `open_step()` the number
    of the step that begins and the rest of Seen's arguments; `row(seen, items)` takes the measurements after
    `close_step(seen)`; `failed` hears of
    a signal that raised, or of the hooks themselves (None).
    """

    def __init__(
        self,
        optimizer: Optimizer,
        model: nn.Module | None,
        scaler: Any,
        *,
        due: Callable[[int], Sequence[tuple[Signal, bool]]],
        open_step: Callable[[], tuple[int, dict[str, Any]]],
        close_step: Callable[[Seen], None],
        row: Callable[[Seen, list[Item]], None],
        failed: Callable[[Signal | None, Exception], None],
        part: Parts | None = None,
    ):
        self.optimizer, self.model, self.scaler = optimizer, model, scaler
        self._due, self._failed = due, failed
        self._open_step, self._close_step, self._row = open_step, close_step, row
        self._part = part
        self._layout: Layout | None = None
        self._clips: list[Clip] = []
        self._seen: Seen | None = None
        self._items: list[Item] = []
        self._undo = [
            clipping.listen(self._heard),
            optimizer.register_step_pre_hook(self._safe(self._before)).remove,
            optimizer.register_step_post_hook(self._safe(self._after)).remove,
        ]

    def detach(self) -> None:
        """Takes the hooks off and lets go of what they held."""
        while self._undo:
            self._undo.pop()()
        self._seen, self._layout, self._clips = None, None, []

    def _safe(self, hook: Callable) -> Callable:
        def guarded(*arguments: Any) -> None:
            try:
                hook(*arguments)
            except Exception as problem:
                self._seen = None
                self._failed(None, problem)

        return guarded

    def _heard(self, clip: Clip) -> None:
        if self.scaler is not None and clip.total is not None and not _unscaled(self.scaler, self.optimizer):
            scale = getattr(self.scaler, "_scale", None)
            clip = clip if scale is None else dataclasses.replace(clip, scale=scale.clone())
        self._clips = [*self._clips[1 - KEPT_CLIPS :], clip]

    def _before(self, optimizer: Optimizer, arguments: tuple, options: dict) -> None:
        if _capturing():
            return
        if self._layout is None or not self._layout.fits(optimizer):
            self._layout = Layout(optimizer, self.model)
        closure = bool(len(arguments) > 1 and callable(arguments[1]) or callable(options.get("closure")))
        step, more = self._open_step()
        self._seen = Seen(step, optimizer, self._layout, self._clips, scaler=self.scaler, closure=closure, **more)
        self._items = []
        if not closure:
            self._measure(Moment.BEFORE)

    def _after(self, optimizer: Optimizer, arguments: tuple, options: dict) -> None:
        seen = self._seen
        if seen is None:
            return
        if seen.closure:
            seen.clips = self._clips
            self._measure(Moment.BEFORE)
        seen.turn()
        self._close_step(seen)
        self._measure(Moment.AFTER)
        self._seen, self._clips = None, []
        self._row(seen, self._items)

    def _measure(self, moment: Moment) -> None:
        seen = self._seen
        for signal, free_only in self._due(seen.step):
            if (signal.moment if isinstance(signal.moment, Moment) else signal.moment(self.optimizer)) is not moment:
                continue
            try:
                if free_only and not signal.free(seen):
                    continue
                with torch.no_grad():
                    measured = signal.measure(seen)
            except (Exception, NotMeasured) as problem:
                self._failed(signal, problem)
                continue
            if measured is None:
                continue
            name = f"{signal.name}_local" if signal.of_tensors and self._layout.sharded else signal.name
            if isinstance(measured, tuple):
                self._items.append((name, *measured))
            elif self._part is None or signal.of_run:
                self._items.append((name, None, measured))
            else:
                self._items.append((name, self._part, measured))


def _unscaled(scaler: Any, optimizer: Optimizer) -> bool:
    """Whether the scaler has taken its factor out of this optimizer's gradients."""
    states = getattr(scaler, "_per_optimizer_states", None)
    stage = states[id(optimizer)].get("stage") if states is not None and id(optimizer) in states else None
    return getattr(stage, "name", "") == "UNSCALED"


def _capturing() -> bool:
    return torch.cuda.is_available() and torch.cuda.is_current_stream_capturing()
