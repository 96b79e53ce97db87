"""Lets a compiled graph show its attention and its output logits: by a custom op that stays in the graph.

To put something into a graph and to take it out compiles it anew each time. So the op is there as long as the run is
watched, and asks whenever it runs whether this step is looked at. An op whose result nobody uses would be left out of
the graph as dead; this one says that it writes to a tensor, which it never does.

A graph that is to be recorded as a CUDA graph is left as it is: a recording has no moment at which to ask.
"""

from __future__ import annotations

import contextlib
import functools
import sys

import torch
from torch import Tensor

from .forward_statistics import observers

EVERY = 16  # rows of the output logits that leave the graph: one in this many


@functools.cache
def register() -> None:
    """Makes the ops, once in a process."""

    @torch.library.custom_op("barograph::attention", mutates_args=("sink",))
    def attention(
        q: Tensor, k: Tensor, mask: Tensor | None, is_causal: bool, scale: float | None, layer: str, inner: str,
        sink: Tensor,
    ) -> None:  # fmt: skip
        for one in observers:
            one.attention(q, k, layer, inner, mask=mask, is_causal=is_causal, scale=scale)

    @torch.library.custom_op("barograph::logits", mutates_args=("sink",))
    def logits(logits: Tensor, targets: Tensor | None, ignore_index: int, sink: Tensor) -> None:
        for one in observers:
            one.logits(logits, targets, ignore_index)

    attention.register_fake(lambda *_: None)
    logits.register_fake(lambda *_: None)


_sink = torch.zeros(1)


def attention(q: Tensor, k: Tensor, mask: Tensor | None, is_causal: bool, scale: float | None, layer: str = "") -> None:
    """Puts the op into the graph that is being made."""
    inner = _place()
    if inner is not None and (mask is None or type(mask) is Tensor):
        mask = None if mask is None else mask.detach()
        torch.ops.barograph.attention(q.detach(), k.detach(), mask, is_causal, scale, layer, inner, _sink)


def logits(logits: Tensor, targets: Tensor | None, ignore_index: int) -> None:
    """Puts the op into the graph that is being made, for some of the rows: no copy of the logits is needed."""
    if _place() is not None:
        targets = None if targets is None else targets.detach()[::EVERY]
        torch.ops.barograph.logits(logits.detach()[::EVERY], targets, ignore_index, _sink)


@torch.compiler.assume_constant_result
def _place() -> str | None:
    """Where in what is compiled the compiler is, e.g. "blocks.0", "" where it does not say; None: CUDA graphs."""
    with contextlib.suppress(Exception):
        from torch._dynamo.symbolic_convert import InstructionTranslator

        here = InstructionTranslator.current_tx().output.current_tx
        if _recorded(here.output.compiler_fn):
            return None
        with contextlib.suppress(IndexError):
            name, _ = list(here.nn_module_stack.values())[-1]
            return name.partition("]")[2].lstrip(".")
    return ""


def _recorded(compiler: object) -> bool:
    """Whether this compiler records CUDA graphs."""
    config = getattr(compiler, "config", None) or {}
    inductor = sys.modules.get("torch._inductor.config")
    everywhere = inductor is not None and inductor.triton.cudagraphs
    return bool(config.get("triton.cudagraphs", everywhere)) or getattr(compiler, "_compiler_name", "") == "cudagraphs"
