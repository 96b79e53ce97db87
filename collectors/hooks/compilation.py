"""Whether torch.compile is at work on a run: to put a hook on or to take one off would compile its graphs anew."""

from __future__ import annotations

import sys

from torch import nn


class Compilation:
    """Of one run: its model is compiled, as a whole or in part, or graphs have been made since the run began.

    What an earlier run of the same process has compiled does not count.
    """

    def __init__(self, model: nn.Module | None):
        self._marked = model is not None and any(map(_is_compiled, model.modules()))
        self._frames = frames()

    @property
    def at_work(self) -> bool:
        return self._marked or frames() > self._frames


def frames() -> int:
    """How many frames the compiler has been shown in this process.

    Its public counters leave out what is compiled with `fullgraph=True`.
    """
    return getattr(sys.modules.get("torch._dynamo.convert_frame"), "FRAME_COUNTER", 0)


def _is_compiled(module: nn.Module) -> bool:
    """By `module.compile()` or by `torch.compile(module)`."""
    return getattr(module, "_compiled_call_impl", None) is not None or "_orig_mod" in module._modules
