"""Listens to `F.cross_entropy`, and so to `nn.CrossEntropyLoss`: output logits are what goes in (see `intercept.py`).

All calls of a step count, auxiliary losses too. Not seen: losses that never have the logits whole: `run.logits` is
for them. A compiled graph shows one row in 16.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from . import compiled_ops
from .attention import plain, trains
from .forward_statistics import observers


def replacements() -> Iterator[tuple[Callable, Callable]]:
    """(a library's function, ours)."""
    yield F.cross_entropy, _listening(F.cross_entropy)


def show(logits: Tensor, targets: Tensor | None, ignore_index: int) -> None:
    """One call of `F.cross_entropy`, to all observers; from within a graph that is being compiled: an op for it."""
    if torch.compiler.is_dynamo_compiling():
        compiled_ops.logits(logits, targets, ignore_index)
    elif plain(logits):
        for one in observers:
            one.logits(logits, targets, ignore_index)


def _listening(original: Callable) -> Callable:
    def cross_entropy(
        input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: bool | None = None,
        ignore_index: int = -100, *arguments: Any, **options: Any,
    ) -> Tensor:  # fmt: skip
        if trains(input) and isinstance(target, Tensor):
            show(input, target, ignore_index)
        return original(input, target, weight, size_average, ignore_index, *arguments, **options)

    return cross_entropy
