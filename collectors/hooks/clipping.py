"""Listens to gradient clipping, so that norms can be recorded as they were before it.

`clip_grad_norm_` is decorated: every alias of it (`from torch.nn.utils import clip_grad_norm_` done before the watch
began, a framework's own) is one and the same function around an inner one. The inner one is replaced in the
decorator's closure while somebody listens and put back at the end, so calls of aliases are seen too. Where a torch has
another structure the module's attribute is replaced, and `all_calls_seen()` says that an alias may go unseen.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils import clip_grad


@dataclass(frozen=True)
class Clip:
    """One call: whose gradients, their total norm of order `kind` before it, and the norm allowed.

    `total` None: clipped in a way that leaves no coefficient behind (element by element). `scale`: what the gradients
    were still multiplied by, where they were clipped before a gradient scaler had taken its factor out.
    """

    ids: tuple[int, ...]
    total: Tensor | None
    max_norm: float | Tensor
    kind: float = 2.0
    scale: Tensor | None = None

    def coefficient(self) -> Tensor:
        """What every gradient was multiplied by: min(1, max_norm / (total + 1e-6)), a tensor on the total's device."""
        if self.total is None:
            raise ValueError("gradients were clipped element by element: that has no coefficient")
        return (self.max_norm / (self.total + 1e-6)).clamp(max=1.0)


Listener = Callable[[Clip], None]
_listeners: list[Listener] = []
_undo: list[Callable[[], None]] = []
_kind = [2.0]
_aliases_seen = [True]
_in_graphs = [False]  # a compiled graph clips, and its tensors are nobody's to keep


def listen(listener: Listener) -> Callable[[], None]:
    """Calls `listener` at every clipping from now on; returns the function that ends it."""
    _listeners.append(listener)
    if not _undo:
        _install()

    def stop() -> None:
        with contextlib.suppress(ValueError):
            _listeners.remove(listener)
        if not _listeners:
            while _undo:
                _undo.pop()()

    return stop


def all_calls_seen() -> bool:
    """Whether every clipping is observed: each alias of torch's functions, and none inside a compiled graph."""
    return _aliases_seen[0] and not _in_graphs[0]


def _install() -> None:
    _aliases_seen[0], _in_graphs[0] = True, False
    two_steps = hasattr(clip_grad, "_clip_grads_with_norm_")
    _replace("clip_grad_norm_", lambda inner: _outer(inner, tells=not two_steps))
    if two_steps:
        _replace("_clip_grads_with_norm_", _inner)
    _replace("clip_grad_value_", _by_value)


def _replace(name: str, wrap: Callable[[Callable], Callable]) -> None:
    function: Any = getattr(clip_grad, name)
    inside: Any = getattr(function, "__wrapped__", None)
    cells = [c for c in getattr(function, "__closure__", None) or () if inside and c.cell_contents is inside]
    if cells:
        cells[0].cell_contents = wrap(inside)
        _undo.append(lambda: setattr(cells[0], "cell_contents", inside))
        return
    _aliases_seen[0] = False
    public, ours = name.removeprefix("_"), wrap(function)
    for module, attribute in ((clip_grad, name), (torch.nn.utils, public)):
        if getattr(module, attribute, None) is function:
            setattr(module, attribute, ours)
            _undo.append(partial(setattr, module, attribute, function))


def _outer(original: Callable, tells: bool) -> Callable:
    def clip_grad_norm_(parameters: Any, max_norm: Any, norm_type: float = 2.0, *args: Any, **options: Any) -> Tensor:
        if torch.compiler.is_compiling():
            _in_graphs[0] = True
            return original(parameters, max_norm, norm_type, *args, **options)
        if tells:
            parameters = _kept(parameters)
        _kind[0] = norm_type
        try:
            total = original(parameters, max_norm, norm_type, *args, **options)
        finally:
            _kind[0] = 2.0
        if tells:
            _tell(parameters, total, max_norm, norm_type)
        return total

    return clip_grad_norm_


def _inner(original: Callable) -> Callable:
    def clip_grads_with_norm_(parameters: Any, max_norm: Any, total_norm: Tensor, *args: Any, **options: Any) -> None:
        if torch.compiler.is_compiling():
            _in_graphs[0] = True
            return original(parameters, max_norm, total_norm, *args, **options)
        parameters = _kept(parameters)
        _tell(parameters, total_norm, max_norm, _kind[0])
        return original(parameters, max_norm, total_norm, *args, **options)

    return clip_grads_with_norm_


def _by_value(original: Callable) -> Callable:
    def clip_grad_value_(parameters: Any, clip_value: Any, *args: Any, **options: Any) -> None:
        if torch.compiler.is_compiling():
            _in_graphs[0] = True
            return original(parameters, clip_value, *args, **options)
        parameters = _kept(parameters)
        _tell(parameters, None, clip_value, float("inf"))
        return original(parameters, clip_value, *args, **options)

    return clip_grad_value_


def _kept(parameters: Tensor | Iterable[Tensor]) -> list[Tensor] | tuple[Tensor, ...]:
    if isinstance(parameters, Tensor):
        return [parameters]
    return parameters if isinstance(parameters, list | tuple) else list(parameters)


def _tell(parameters: Iterable[Tensor], total: Tensor | None, max_norm: Any, kind: Any) -> None:
    ids = tuple(id(p) for p in parameters if p.grad is not None)
    if total is not None:
        total = total.detach().clone()  # the caller may go on computing in place with what it got
    for listener in list(_listeners):
        listener(Clip(ids, total, max_norm, float(kind)))
