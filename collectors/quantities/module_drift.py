"""How far each module has come since its task began, and in single steps: from a fixed sample of its weights."""

from __future__ import annotations

import re
from collections.abc import Sequence

import torch
from torch import Tensor

from ..hooks.parameter_layout import ParameterLayout
from ..measurement import Parts
from ..step_context import StepContext

EACH = 256  # coordinates of a tensor
ENDS = 5  # layers at the bottom and at the top
FUSED = re.compile(r"(^|[._])(c_attn|qkv|in_proj|Wqkv|query_key_value)")
LAYER = re.compile(r"(?:^|\.)(\d+)(?=\.|$)")


class ModuleDrift:
    """Changes of each module's weights. Queries, keys and values that share a matrix of three equal blocks count apart.

    Estimated from up to EACH random coordinates of each tensor (seeded, the same at each step); within a module a
    tensor weighs as many elements as it has. Tied weights are one tensor and have one name.
    """

    def __init__(self):
        self._coordinates: list[Tensor] | None = None
        self.modules: Parts = ()
        self._begun: Tensor | None = None  # the sample where the task began
        self._last: tuple[int, Tensor] | None = None

    def begin(self, layout: ParameterLayout) -> None:
        """A task begins: drift is counted from here."""
        self._begun = self._now(layout)

    def since(self, context: StepContext) -> Tensor:
        """Relative change of each module since the task (or the watch) began, [modules]."""
        now = self._now(context.layout)
        if self._begun is None:
            self._begun = now
        tiny = torch.finfo(torch.float32).tiny
        return self._mean((now - self._begun).abs()) / self._mean(self._begun.abs()).clamp_min(tiny)

    def per_step(self, context: StepContext) -> Tensor | None:
        """Mean absolute change of a weight in a step, since the last look, [modules]; None at the first."""
        now, before = self._now(context.layout), self._last
        self._last = context.step, now
        if before is None or before[0] >= context.step:
            return None
        return self._mean((now - before[1]).abs()) / (context.step - before[0])

    def bottom_to_top(self, context: StepContext) -> Tensor | None:
        """`since`, mean of the lowest layers over mean of the highest, 0-d; None below four numbered layers."""
        values, layers = self.since(context), layers_of([str(module) for module in self.modules])
        if len(layers) < 4:
            return None
        ends = min(ENDS, len(layers) // 2)
        low, high = ([m for layer in part for m in layer] for part in (layers[:ends], layers[-ends:]))
        return values[low].mean() / values[high].mean()

    def _now(self, layout: ParameterLayout) -> Tensor:
        weights = layout.weights()
        if self._coordinates is None:
            self._coordinates = self._draw(layout, weights)
        taken = [w.take(at).to(layout.device, torch.float32) for w, at in zip(weights, self._coordinates, strict=True)]
        return torch.cat(taken) if taken else torch.zeros(0, device=layout.device)

    def _draw(self, layout: ParameterLayout, weights: Sequence[Tensor]) -> list[Tensor]:
        """Chooses the coordinates, and notes whose each is and how much it weighs."""
        seeded = torch.Generator().manual_seed(0)
        coordinates: list[Tensor] = []
        owners: list[str] = []
        shares: list[float] = []
        for name, w in zip(layout.names, weights, strict=True):
            count = min(EACH, w.numel())
            at = torch.randint(w.numel(), (count,), generator=seeded) if w.numel() > EACH else torch.arange(count)
            coordinates.append(at.to(w.device))
            owners += _owners(str(name), w.shape, at)
            shares += [w.numel() / max(1, count)] * count
        self.modules = tuple(dict.fromkeys(owners))
        place = {module: i for i, module in enumerate(self.modules)}
        self._owner = torch.tensor([place[owner] for owner in owners], dtype=torch.long, device=layout.device)
        self._share = torch.tensor(shares, device=layout.device)
        self._total = torch.zeros(len(self.modules), device=layout.device).index_add_(0, self._owner, self._share)
        return coordinates

    def _mean(self, values: Tensor) -> Tensor:
        return torch.zeros_like(self._total).index_add_(0, self._owner, values * self._share) / self._total


def _owners(name: str, shape: torch.Size, at: Tensor) -> list[str]:
    """The module of each sampled element of a tensor; a third of a fused matrix is a module of its own."""
    module, long = name.rpartition(".")[0] or name, len(shape) - 1
    if len(shape) == 2 and shape[0] > shape[1]:
        long = 0
    whole = shape[1 - long] if len(shape) == 2 else shape[0] // 3 if len(shape) == 1 else 0
    if not FUSED.search(name) or not whole or shape[long] != 3 * whole:
        return [module] * len(at)
    row = at // shape[1] if long == 0 and len(shape) == 2 else at % shape[long]
    return [f"{module}.{'qkv'[i]}" for i in (row // whole).tolist()]


def layers_of(modules: Sequence[str]) -> list[list[int]]:
    """The modules [indices] of each numbered layer, bottom to top: of the longest row of layers that the names show.

    >>> layers_of(["emb", "blocks.0.a", "blocks.0.b", "blocks.1.a", "head"])
    [[1, 2], [3]]
    """
    rows: dict[str, dict[int, list[int]]] = {}
    for at, name in enumerate(modules):
        if found := LAYER.search(name):
            rows.setdefault(name[: found.start(1)], {}).setdefault(int(found[1]), []).append(at)
    longest = max(rows.values(), key=len, default={})
    return [longest[number] for number in sorted(longest)]
