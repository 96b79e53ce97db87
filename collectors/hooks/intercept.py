"""Shows the calls of some library functions to the forward statistics of the runs that are watched.

While somebody listens, a function of ours stands in the place of each, under every name that a module knows it by:
`from torch.nn.functional import scaled_dot_product_attention` binds a second name, so all modules' names are looked
through. What is out of reach: a function kept in an object, a class, a default argument or a closure.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable

from . import attention, compiled_ops, cross_entropy
from .forward_statistics import ForwardStatistics, observers

_swapped: list[tuple[Callable, Callable]] = []  # (a library's function, ours)


def listen(statistics: ForwardStatistics) -> Callable[[], None]:
    """Shows `statistics` every call from now on; returns the function that ends it."""
    observers.append(statistics)
    if not _swapped:
        compiled_ops.register()
        _swapped.extend((*attention.replacements(), *cross_entropy.replacements()))
        _swap({id(original): ours for original, ours in _swapped})

    def stop() -> None:
        with contextlib.suppress(ValueError):
            observers.remove(statistics)
        if not observers and _swapped:
            _swap({id(ours): original for original, ours in _swapped})
            _swapped.clear()

    return stop


def _swap(by_id: dict[int, Callable]) -> None:
    for module in list(sys.modules.values()):
        name, names = getattr(module, "__name__", None), getattr(module, "__dict__", None)
        if isinstance(name, str) and type(names) is dict and not _torch_itself(name):
            for key in [key for key, value in list(names.items()) if id(value) in by_id]:
                names[key] = by_id[id(names[key])]


def _torch_itself(name: str) -> bool:
    """Whether it is a module in which torch keeps its functions for itself: its compiler looks them up there."""
    return name.partition(".")[0] == "torch" and name != "torch.nn.functional"
