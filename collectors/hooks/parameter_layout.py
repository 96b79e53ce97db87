"""The parameters of one optimizer: their names, their order in the model, their groups."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from ..measurement import Parts
from ..numerics.norms import Scratch
from ..numerics.sharding import is_sharded, local
from ..numerics.weight_sample import WeightSample

T = TypeVar("T")

_WRAPPERS = ("_orig_mod.", "_fsdp_wrapped_module.", "_checkpoint_wrapped_module.")


def clean(name: str) -> str:
    """A parameter's name without what wrappers (compile, data parallel, checkpointing) put into it.

    >>> clean("module._orig_mod.blocks.0.weight")
    'blocks.0.weight'
    """
    for wrapper in _WRAPPERS:
        name = name.replace(wrapper, "")
    return name.removeprefix("module.")  # only at the start: a model may well have a part of that name


class ParameterLayout:
    """Names, tensors and groups: parallel lists in the model's order, as the optimizer had them when it was made."""

    def __init__(self, optimizer: Optimizer, model: nn.Module | None):
        names = {id(p): clean(n) for n, p in model.named_parameters()} if model is not None else {}
        order = {key: i for i, key in enumerate(names)}
        rows = []
        for g, group in enumerate(optimizer.param_groups):
            for i, p in enumerate(group["params"]):
                rows.append((names.get(id(p), f"group{g}.{i}"), p, g))
        rows.sort(key=lambda row: order.get(id(row[1]), len(order)))
        self.model = model
        self.names: tuple[str, ...] = tuple(row[0] for row in rows)
        self.params: list[Tensor] = [row[1] for row in rows]
        self.group_of: list[int] = [row[2] for row in rows]
        self.all = tuple(range(len(rows)))
        self.ids = frozenset(id(p) for p in self.params)
        self.sharded = any(is_sharded(p) for p in self.params)
        self.roots: Tensor | None = None  # of many ranks: by what a norm is divided so that the squares of all add up
        self.numel = sum(p.numel() for p in self.params)
        self.device = self.params[0].device if rows else torch.device("cpu")
        self.scratch = Scratch(self.numel, self.device)
        tables, outputs = token_tables(model)
        self.embeddings = tuple(i for i in self.all if id(self.params[i]) in tables)
        self.per_token = frozenset(i for i in self.all if id(self.params[i]) in tables | outputs)
        self._subsets: dict[tuple[int, ...], tuple[str, ...]] = {self.all: self.names}
        self._modules: dict[Parts, tuple[Parts, Tensor]] = {}
        self._states: dict[Callable[[], Any], Any] = {}
        with contextlib.suppress(Exception):  # whoever asks for it later gets the error
            self.sample  # noqa: B018  made now: it remembers where the weights began

    def state(self, make: Callable[[], T]) -> T:
        """What `make` has made, the same object at every step: where a signal keeps what it needs of earlier steps."""
        if make not in self._states:
            self._states[make] = make()
        return self._states[make]

    @cached_property
    def sample(self) -> WeightSample:
        """A fixed sample of the weights, from where they began."""
        return WeightSample(self.weights(), self.device)

    def close(self) -> None:
        """Nobody needs it any more: what signals keep lets go of what it holds outside."""
        for state in self._states.values():
            getattr(state, "close", bool)()
        self._states.clear()

    def weights(self) -> list[Tensor]:
        """What this rank holds of every parameter, those without a gradient too."""
        return [local(p) for p in self.params] if self.sharded else [p.detach() for p in self.params]

    def fits(self, optimizer: Optimizer) -> bool:
        """Whether the optimizer still has the parameters that this layout was made of."""
        return sum(len(group["params"]) for group in optimizer.param_groups) == len(self.params)

    def same(self, optimizer: Optimizer) -> bool:
        """Whether another optimizer has these parameters, in the same groups."""
        places = {id(p): g for g, group in enumerate(optimizer.param_groups) for p in group["params"]}
        return places == dict(zip(map(id, self.params), self.group_of, strict=True))

    def subset(self, rows: tuple[int, ...]) -> tuple[str, ...]:
        """The names of some rows: the same tuple for the same rows."""
        if rows not in self._subsets:
            self._subsets[rows] = tuple(self.names[i] for i in rows)
        return self._subsets[rows]

    def modules(self, names: Parts) -> tuple[Parts, Tensor]:
        """The modules that own these parameters, and for each parameter the index of its module."""
        if names not in self._modules:
            owners = [str(name).rpartition(".")[0] or str(name) for name in names]
            found = tuple(dict.fromkeys(owners))
            index = torch.tensor([found.index(owner) for owner in owners], device=self.device)
            self._modules[names] = found, index
        return self._modules[names]


def token_tables(model: nn.Module | None) -> tuple[set[int], set[int]]:
    """Ids of the embedding tables, and of the output layers that have a row for each token as well.

    An output layer is a Linear of the same shape as the table with the most rows; it is not marked as one anywhere.
    """
    modules = list(model.modules()) if model is not None else []
    tables = [m.weight for m in modules if isinstance(m, nn.Embedding | nn.EmbeddingBag)]
    if not tables:
        return set(), set()
    largest = max(tables, key=len).shape
    heads = [m for m in modules if isinstance(m, nn.Linear) and m.weight.shape == largest]
    outputs = {id(p) for head in heads for p in (head.weight, head.bias) if p is not None}
    return {id(table) for table in tables}, outputs
