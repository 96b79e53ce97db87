"""Which optimizer really steps what is watched: one that is built anew, or that the watched one wraps, takes its place.

An optimizer that is built anew at half time, or that only wraps another one whose `step` is called (SAM), never steps
again itself. So every optimizer of the process is seen to step: one that has a watched parameter, steps neither inside
of the watched optimizer's step nor around it and belongs to no other run takes its place, from that step on.

Where both turn out to step (an inner loop on the same weights) the watched one gets its place back, and the other has
to step ten times in a row before it has it again, then a hundred times.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from torch.optim import Optimizer
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

from .optimizer import OptimizerHooks

PATIENCE = 10  # steps in a row, times as many at each further time


class Successor:
    """Of one run, until `close`: `watched()` are its hooks, `replace(index, optimizer)` puts another in a place."""

    def __init__(
        self,
        watched: Callable[[], Sequence[OptimizerHooks]],
        replace: Callable[[int, Optimizer], None],
        failed: Callable[[Exception], None],
    ):
        self._watched, self._replace, self._failed = watched, replace, failed
        self._displaced: WeakSet[Optimizer] = WeakSet()
        self._patience: WeakKeyDictionary[Optimizer, int] = WeakKeyDictionary()
        self._unrelated: WeakSet[Optimizer] = WeakSet()
        self._row = 0  # steps of others since the watched one's last
        for hooks in watched():
            _owners[hooks.optimizer] = self
        self._steps: list[tuple[Optimizer, bool]] = []  # under way; whether a watched one has stepped inside
        self._undo = [
            register_optimizer_step_pre_hook(self._safe(self._begins)).remove,
            register_optimizer_step_post_hook(self._safe(self._ends)).remove,
        ]

    def close(self) -> None:
        """Nobody takes a place any more."""
        while self._undo:
            self._undo.pop()()
        for optimizer in [optimizer for optimizer, owner in _owners.items() if owner is self]:
            del _owners[optimizer]

    def _safe(self, hook: Callable[[Optimizer], None]) -> Callable[..., None]:
        def guarded(optimizer: Optimizer, *_: Any) -> None:
            try:
                hook(optimizer)
            except Exception as problem:
                self._failed(problem)

        vars(guarded)["_torchdynamo_disable"] = True  # a compiled step calls it outside of its graph
        return guarded

    def _begins(self, optimizer: Optimizer) -> None:
        self._steps = [*self._outside(optimizer), (optimizer, False)]

    def _ends(self, optimizer: Optimizer) -> None:
        around = any(one is optimizer and inside for one, inside in self._steps)
        self._steps, watched = self._outside(optimizer), self._watched()
        if any(hooks.optimizer is optimizer for hooks in watched):
            self._row, self._steps = 0, [(one, True) for one, _ in self._steps]
            return
        inside = any(one in _owners for one, _ in self._steps)
        if around or inside or optimizer in self._unrelated:
            return
        index = next((hooks.index for hooks in watched if hooks.shares(optimizer)), None)
        if index is None or _owners.get(optimizer, self) is not self:
            self._unrelated.add(optimizer)
            return
        self._row += 1
        if self._row > self._patience.get(optimizer, 0):
            self._take(index, optimizer, watched[index].optimizer)

    def _outside(self, optimizer: Optimizer) -> list[tuple[Optimizer, bool]]:
        """The steps that this one is inside of; one that an exception has ended is over where it begins again."""
        at = next((i for i, (one, _) in enumerate(self._steps) if one is optimizer), len(self._steps))
        return self._steps[:at]

    def _take(self, index: int, optimizer: Optimizer, before: Optimizer) -> None:
        if optimizer in self._displaced:  # both step
            self._displaced.discard(optimizer)
            self._patience[before] = PATIENCE * self._patience.get(before, 1)
        else:
            self._displaced.add(before)
        self._row = 0
        self._unrelated.clear()
        _owners[optimizer] = self
        self._replace(index, optimizer)


_owners: WeakKeyDictionary[Optimizer, Successor] = WeakKeyDictionary()  # whose run an optimizer belongs to
