"""Listens to attention: its queries and keys as they go in, rotated and normed (see `intercept.py`).

Seen: `F.scaled_dot_product_attention` under any name that a module has for it, and so `nn.MultiheadAttention`, also
where that returns weights and so goes another way; the eager way of Hugging Face's models; all of it in compiled graphs
too, but for MultiheadAttention that returns weights, and graphs that are recorded as CUDA graphs. Not seen: flexible
attention, packages with kernels of their own, scripted code, nested tensors, masks of a class of their own, calls
under `torch.func` transforms: `run.attention` is for them. What a mask adds, or a cap takes off, is no part of a logit.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from . import compiled_ops
from .forward_statistics import ATTENTION, observers

_weighted = [False]  # MultiheadAttention is run once more, for its logits


def replacements() -> Iterator[tuple[Callable, Callable]]:
    """(a library's function, ours)."""
    yield F.scaled_dot_product_attention, _fused(F.scaled_dot_product_attention)
    yield F.multi_head_attention_forward, _with_weights(F.multi_head_attention_forward)
    for name, module in list(sys.modules.items()):
        function = getattr(module, "eager_attention_forward", None) if not name.startswith("torch.") else None
        if inspect.isfunction(function):
            yield function, _eager(function)


def trains(*tensors: Any) -> bool:
    """Whether a call belongs to training: an evaluation pass has no gradients."""
    return torch.is_grad_enabled() and any(isinstance(t, Tensor) and t.requires_grad for t in tensors)


def show(q: Tensor, k: Tensor, mask: Any, is_causal: bool, scale: float | None, layer: str = "") -> None:
    """One call of attention, to all observers; from within a graph that is being compiled: an op for it."""
    if torch.compiler.is_dynamo_compiling():
        compiled_ops.attention(q, k, mask, is_causal, scale, layer)
    elif all(plain(t) for t in (q, k, mask) if isinstance(t, Tensor)):
        for one in observers:
            one.attention(q, k, layer, mask=mask, is_causal=is_causal, scale=scale)


def plain(t: Tensor) -> bool:
    """Whether a tensor has values of its own: it does not where a compiler or a transform traces."""
    if torch.compiler.is_compiling() or t.is_nested or torch._C._functorch.peek_interpreter_stack() is not None:
        return False
    if t.is_cuda and torch.cuda.is_current_stream_capturing():
        return False
    return type(t) in (Tensor, torch.nn.Parameter) or hasattr(t, "_local_tensor")


def _fused(original: Callable) -> Callable:
    def scaled_dot_product_attention(
        query: Tensor, key: Tensor, value: Tensor, attn_mask: Any = None, dropout_p: float = 0.0,
        is_causal: bool = False, **options: Any,
    ) -> Tensor:  # fmt: skip
        if trains(query, key) or _weighted[0]:
            show(query, key, attn_mask, is_causal, options.get("scale"))
        return original(query, key, value, attn_mask, dropout_p, is_causal, **options)

    return scaled_dot_product_attention


def _eager(original: Callable) -> Callable:
    def eager_attention_forward(
        module: Any, query: Tensor, key: Tensor, value: Tensor, attention_mask: Any = None, scaling: Any = None,
        *arguments: Any, **options: Any,
    ) -> Any:  # fmt: skip
        if trains(query, key):
            mask = attention_mask[..., : key.shape[-2]] if isinstance(attention_mask, Tensor) else None
            show(query, key, mask, False, scaling)
        return original(module, query, key, value, attention_mask, scaling, *arguments, **options)

    return eager_attention_forward


def _with_weights(original: Callable) -> Callable:
    """Weights are returned by another way, with logits of its own: in a sampled step the fused way is run beside it."""
    signature = inspect.signature(original)
    # the compiler takes the original as a whole and would not see what it calls; a twin it reads like anybody's code
    twin = FunctionType(original.__code__, original.__globals__, argdefs=original.__defaults__)

    def multi_head_attention_forward(*arguments: Any, **options: Any) -> Any:
        if torch.compiler.is_dynamo_compiling():
            return twin(*arguments, **options)
        if not torch.compiler.is_compiling() and not _weighted[0] and any(one.open for one in observers):
            given = signature.bind(*arguments, **options)
            given.apply_defaults()
            if given.arguments["need_weights"] and trains(*given.args):
                _again(original, given.arguments)
        return original(*arguments, **options)

    return multi_head_attention_forward


def _again(original: Callable, given: dict[str, Any]) -> None:
    _weighted[0] = True
    try:
        with torch.no_grad():
            original(**{**given, "need_weights": False, "training": False})  # without dropout: draws nothing
    except Exception as problem:
        for one in observers:
            one.give_up(ATTENTION, problem)
    finally:
        _weighted[0] = False
