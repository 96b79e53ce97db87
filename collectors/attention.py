"""Listens to attention: a function of ours stands where `scaled_dot_product_attention` was (see `intercept.py`).

Fused attention never shows its logits, so its queries and keys are taken as they go in: rotated and normed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from .board import Board

boards: list[Board] = []  # of the runs that are watched


def replacements() -> Iterator[tuple[Callable, Callable]]:
    """(a library's function, ours)."""
    yield F.scaled_dot_product_attention, _fused(F.scaled_dot_product_attention)


def trains(*tensors: Any) -> bool:
    """Whether a call belongs to training: an evaluation pass has no gradients."""
    return torch.is_grad_enabled() and any(isinstance(t, Tensor) and t.requires_grad for t in tensors)


def _fused(original: Callable) -> Callable:
    def scaled_dot_product_attention(
        query: Tensor, key: Tensor, value: Tensor, attn_mask: Any = None, dropout_p: float = 0.0,
        is_causal: bool = False, **options: Any,
    ) -> Tensor:  # fmt: skip
        if trains(query, key):
            _show(query, key, attn_mask, is_causal, options.get("scale"))
        return original(query, key, value, attn_mask, dropout_p, is_causal, **options)

    return scaled_dot_product_attention


def _show(q: Tensor, k: Tensor, mask: Any, is_causal: bool, scale: float | None) -> None:
    for board in boards:
        if board.open:
            board.attention(q, k, mask=mask, is_causal=is_causal, scale=scale)
