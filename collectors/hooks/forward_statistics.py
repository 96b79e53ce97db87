"""What the forward passes of one step have shown, kept on their device until the step's row is written."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from ..measurement import Parts
from ..numerics.attention_statistics import Statistics, statistics
from ..numerics.output_logits import Confidence, classes_last, confidence
from ..numerics.sharding import local
from .parameter_layout import clean

ROOT = "model"  # the layer's name where the watched model itself attends
ATTENTION, OUTPUT = "measuring attention", "measuring output logits"
DEPTH = 64  # frames that are looked through for the module that is running


class ForwardStatistics:
    """Of one run: attention by layer and output logits of the step that is under way, if it is a sampled one.

    Several calls of one layer in a step (micro-batches, shared layers) become one: the largest peak, the mean of means.
    What a backward pass computes again (activation checkpointing) counts only where the forward pass was not seen.
    """

    def __init__(self, model: nn.Module | None, due: Callable[[], bool], failed: Callable[[str, Exception], None]):
        """`due()`: whether the step under way is sampled. `failed(what, problem)` is called once, then it is off."""
        self._model, self._due, self._failed = model, due, failed
        self._parts: dict[tuple, Parts] = {}
        self._broken: set[str] = set()
        self._names: WeakKeyDictionary[nn.Module, str] = WeakKeyDictionary()
        self.clear()

    def clear(self) -> None:
        """The step is over."""
        self._layers: dict[str, tuple[Statistics, int]] = {}
        self._outputs: tuple[Confidence, int] | None = None
        self._forward: set[str] = set()  # what was seen outside of a backward pass
        self._looked_up = False  # whether the names are those of this step

    def close(self) -> None:
        """Lets go of everything; nothing is looked at from here on."""
        self._model, self._due = None, lambda: False
        self.clear()

    @property
    def open(self) -> bool:
        """Whether the step under way is a sampled one."""
        return self._due()

    @property
    def empty(self) -> bool:
        return not self._layers and self._outputs is None

    def attention(self, q: Tensor, k: Tensor, layer: str = "", inner: str = "", **how: Any) -> None:
        """One call of attention (`how`: arguments of `statistics`), of `layer` or else of the module that is running.

        `inner`: where in that module, if it is known. In a step that is not sampled nothing happens.
        """
        if not self.open or ATTENTION in self._broken:
            return
        try:
            name = layer or self._running(inner)
            if name is None or not self._first_time(name):
                return
            with _exactly(q.device):
                found = statistics(local(q), local(k), **how)
            self._layers[name] = _joined(self._layers.get(name), found)
        except Exception as problem:
            self.give_up(ATTENTION, problem)

    def logits(self, logits: Tensor, targets: Tensor | None = None, ignore_index: int = -100) -> None:
        """Output logits and targets as `F.cross_entropy` takes them; a target that is `ignore_index` does not count."""
        if not self.open or OUTPUT in self._broken:
            return
        try:
            if not self._first_time(""):
                return
            with _exactly(logits.device):
                found = confidence(
                    *classes_last(local(logits), targets if targets is None else local(targets)), ignore_index
                )
            self._outputs = _joined(self._outputs, found)
        except Exception as problem:
            self.give_up(OUTPUT, problem)

    def heads(self, what: str) -> tuple[Parts, Tensor] | None:
        """One field of `Statistics` for every (layer, head) seen in this step; None: no attention was seen."""
        if not self._layers:
            return None
        values = [_mean(what, *seen) for seen in self._layers.values()]
        shape = tuple((layer, len(v)) for layer, v in zip(self._layers, values, strict=True))
        if shape not in self._parts:
            self._parts[shape] = tuple((layer, str(head)) for layer, heads in shape for head in range(heads))
        return self._parts[shape], torch.cat([v.to(values[0].device) for v in values])

    def output(self, what: str) -> Tensor | None:
        """One field of `Confidence`; None: no output logits were seen."""
        return None if self._outputs is None else _mean(what, *self._outputs)

    def _first_time(self, what: str) -> bool:
        again = torch._C._current_graph_task_id() != -1  # within a backward pass
        if again:
            return what not in self._forward
        self._forward.add(what)
        return True

    def _running(self, inner: str) -> str | None:
        """The name of the innermost module of the model that is running, from the stack: no hook is needed.

        Where a compiled graph runs, `inner` goes on from there.
        """
        name = self._on_stack(sys._getframe(2))
        if name is None and self._model is not None and not self._looked_up:  # a module that is new, or none of ours
            self._looked_up = True
            for path, module in self._model.named_modules():
                self._names[module] = clean(f"{path}.")[:-1]
            name = self._on_stack(sys._getframe(2))
        if name is None:
            return clean(inner) or None
        return ".".join(filter(None, (name, clean(inner)))) or ROOT

    def _on_stack(self, frame: FrameType | None) -> str | None:
        """The name of the innermost known module whose code is running in these frames."""
        for _ in range(DEPTH):
            if frame is None:
                break
            code = frame.f_code
            if code.co_argcount and code.co_varnames[0] in ("self", "module"):
                module = frame.f_locals.get(code.co_varnames[0])
                if isinstance(module, nn.Module):
                    if self._model is None:
                        self._names.setdefault(module, str(len(self._names)))
                    if module in self._names:
                        return self._names[module]
            frame = frame.f_back
        return None

    def give_up(self, what: str, problem: Exception) -> None:
        """Something went wrong: nothing more of its kind."""
        self._broken.add(what)
        self._failed(f"{what} is off from here on", problem)


@contextlib.contextmanager
def _exactly(device: torch.device) -> Iterator[None]:
    """Without gradients, and in the precision that is asked for."""
    lower = torch.amp.is_autocast_available(device.type)
    with torch.no_grad(), torch.autocast(device.type, enabled=False) if lower else contextlib.nullcontext():
        yield


observers: list[ForwardStatistics] = []  # of the runs that are watched


def _joined(before: tuple[Any, int] | None, found: Any) -> tuple[Any, int]:
    """The largest of the first fields, the sums of the others, and of how many calls."""
    if before is None:
        return found, 1
    return type(found)(torch.maximum(before[0][0], found[0]), *map(torch.add, before[0][1:], found[1:])), before[1] + 1


def _mean(what: str, sums: Statistics | Confidence, calls: int) -> Tensor:
    value = getattr(sums, what)
    return value if calls == 1 or what in ("peak", "log_z_max") else value / calls
