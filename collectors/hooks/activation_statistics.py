"""What flows between the modules in one step: seen by hooks that are there for that step only.

    activation size   root mean square of what each block puts out; blocks are the items of the outermost nn.ModuleList
                      and nn.Sequential in the model, or its children where it has none
    dead units        share of the inputs of each linear layer that stay under `DEAD` of the layer's root mean square at
                      every position of the batch: units of the activation before it, whichever function that is

Passes without gradients (evaluation) do not count; the others of a step become one, and one that is repeated
(checkpointing) changes nothing. The hooks are torch's for all modules: nothing of ours is saved or copied with a model.
Where graphs are compiled no hook is put on; one that is there when the first is made does nothing in it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook

from ..measurement import NotMeasured, Parts
from ..numerics.sharding import local
from ..step_context import StepContext
from .attention import plain
from .parameter_layout import clean

DEAD = 0.01


class ActivationStatistics:
    """Of the model of one optimizer. `expect` has the next step looked at, `sizes` and `dead` tell what was seen."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []
        self.step: int | None = None  # the one that is looked at
        self._blocks: dict[int, str] = {}  # names by id
        self._layers: dict[int, str] = {}
        self._sizes: dict[str, list[Tensor]] = {}  # mean squares, one of each pass
        self._inputs: dict[str, list[tuple[Tensor, Tensor]]] = {}  # largest of each unit, and the mean square
        self._parts: dict[tuple[str, ...], Parts] = {}
        self._problem: Exception | None = None  # the last one that a hook met

    def close(self) -> None:
        """Takes the hooks off."""
        while self._undo:
            self._undo.pop()()

    def expect(self, context: StepContext) -> None:
        """Has the next step looked at. Raises NotMeasured."""
        if self._undo and self.step == context.step + 1:
            return
        self.close()
        model = context.layout.model
        if model is None:
            raise NotMeasured("watch() was given no model")
        if context.compiled:
            raise NotMeasured("needs hooks on the forward pass, which would have torch.compile start anew")
        self.step, self._sizes, self._inputs = context.step + 1, {}, {}
        self._blocks = {id(module): name for name, module in blocks(model).items()}
        linear = {name: m for name, m in model.named_modules() if isinstance(m, nn.Linear)}
        self._layers = {id(m): _cleaned(name) for name, m in linear.items()}
        self._undo.append(register_module_forward_pre_hook(self._taken_in).remove)
        self._undo.append(register_module_forward_hook(self._put_out).remove)

    def sizes(self) -> tuple[Parts, Tensor] | None:
        """Root mean square of what each block has put out [blocks]."""
        self.close()
        return self._told({name: _together(seen).mean().sqrt() for name, seen in self._sizes.items()})

    def dead(self) -> tuple[Parts, Tensor] | None:
        """Share of dead units among the inputs of each linear layer [layers]."""
        self.close()
        found = {}
        for name, seen in self._inputs.items():
            largest = _together([units for units, _ in seen]).amax(dim=0)
            found[name] = (largest <= DEAD * _together([square for _, square in seen]).mean().sqrt()).float().mean()
        return self._told(found)

    def _told(self, found: dict[str, Tensor]) -> tuple[Parts, Tensor] | None:
        if not found and self._problem is not None:
            raise self._problem
        if not found:
            return None
        names = tuple(found)
        return self._parts.setdefault(names, names), _together(list(found.values()))

    def _put_out(self, module: nn.Module, given: tuple, out: Any) -> None:
        if torch.compiler.is_compiling() or id(module) not in self._blocks:
            return
        try:
            out = next((t for t in (out if isinstance(out, tuple | list) else (out,)) if isinstance(t, Tensor)), None)
            if out is not None and _counts(out):
                found = _mean_square(local(out))
                self._sizes.setdefault(self._blocks[id(module)], []).append(found)
        except Exception as problem:  # the forward pass goes on; this block is left out
            del self._blocks[id(module)]
            self._problem = problem.with_traceback(None)  # whose frames would keep tensors

    def _taken_in(self, module: nn.Module, given: tuple) -> None:
        if torch.compiler.is_compiling() or id(module) not in self._layers:
            return
        try:
            if given and isinstance(given[0], Tensor) and _counts(given[0]):
                x = local(given[0])
                low, high = torch.aminmax(x.reshape(-1, x.shape[-1]), dim=0)
                seen = torch.maximum(high, -low).float(), _mean_square(x)
                self._inputs.setdefault(self._layers[id(module)], []).append(seen)
        except Exception as problem:
            del self._layers[id(module)]
            self._problem = problem.with_traceback(None)  # whose frames would keep tensors


def blocks(model: nn.Module) -> dict[str, nn.Module]:
    """What counts as a block, by name."""
    found: dict[str, nn.Module] = {}
    inside: set[int] = set()  # of what is in a container already
    for name, module in model.named_modules():
        if isinstance(module, nn.ModuleList | nn.Sequential) and id(module) not in inside:
            inside.update(map(id, module.modules()))
            found |= {_cleaned(f"{name}.{key}".lstrip(".")): item for key, item in module.named_children()}
    return found or {_cleaned(name): module for name, module in model.named_children()}


def _cleaned(name: str) -> str:
    return clean(f"{name}.")[:-1]


def _mean_square(x: Tensor) -> Tensor:
    wide = torch.promote_types(x.dtype, torch.float32)
    return torch.linalg.vector_norm(x, dtype=wide).square() / x.numel()


def _together(values: list[Tensor]) -> Tensor:
    return torch.stack([value.to(values[0].device) for value in values])


def _counts(x: Tensor) -> bool:
    """Whether this is part of a pass that trains, and has values."""
    return torch.is_grad_enabled() and x.is_floating_point() and x.numel() > 0 and plain(x)
