"""Listens to `cross_entropy`: its input is the output logits (see `intercept.py`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from torch import Tensor
from torch.nn import functional as F

from . import attention
from .output_logits import POSITIONS


def replacements() -> Iterator[tuple[Callable, Callable]]:
    """(a library's function, ours)."""
    yield F.cross_entropy, _listening(F.cross_entropy)


def _listening(original: Callable) -> Callable:
    def cross_entropy(
        input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: bool | None = None,
        ignore_index: int = -100, *arguments: Any, **options: Any,
    ) -> Tensor:  # fmt: skip
        if attention.trains(input):
            _show(input, target, ignore_index)
        return original(input, target, weight, size_average, ignore_index, *arguments, **options)

    return cross_entropy


def _show(logits: Tensor, targets: Tensor, ignore_index: int) -> None:
    for board in attention.boards:
        if board.open:
            board.logits(*classes_last(logits, targets), ignore_index)


def classes_last(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor | None]:
    """Logits [..., classes] and targets [...] of what `cross_entropy` takes, which has classes on its second axis.

    Of [sequences, classes, positions, ...] only as many sequences are kept as are looked at: they will be copied.
    """
    if logits.dim() > 2:
        step = -(-len(logits) // max(1, POSITIONS // logits[0, 0].numel()))
        logits, targets = logits[::step].movedim(1, -1), targets[::step]
    return logits, None if targets.is_floating_point() else targets
