"""How one step's gradients come together from several backward passes, seen by hooks that are there for that step only.

A parameter's own hook runs when a backward pass has added to its gradient, in whatever order the parameters come: what
it finds the first time is the gradient of the first micro-batch alone. Where graphs are compiled no hook is put on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import torch
from torch import Tensor


class GradientAccumulation:
    """Of one optimizer: between `open` and `close`, how often each gradient has grown, and its norm after the first."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []
        self._norms: list[Tensor] = []
        self._times: Counter[int] = Counter()
        self._failed = False

    def open(self, params: Sequence[Tensor]) -> None:
        """From here on the gradients of these parameters are watched."""
        self.close()
        self._norms, self._times, self._failed = [], Counter(), False
        for p in params:
            if p.requires_grad:
                self._undo.append(p.register_post_accumulate_grad_hook(self._grown).remove)

    def close(self) -> None:
        """Takes the hooks off."""
        while self._undo:
            self._undo.pop()()

    @property
    def is_open(self) -> bool:
        return bool(self._undo)

    def seen(self) -> tuple[int, Tensor] | None:
        """Backward passes, and the global norm of the gradients after the first of them, 0-d; None: nothing grew."""
        if self._failed or not self._norms:
            return None
        device = self._norms[0].device
        return max(self._times.values()), torch.linalg.vector_norm(torch.stack([n.to(device) for n in self._norms]))

    def _grown(self, p: Tensor) -> None:
        if torch.compiler.is_compiling():
            return
        self._times[id(p)] += 1
        if self._times[id(p)] == 1:
            try:
                wide = torch.promote_types(p.dtype, torch.float32)
                with torch.no_grad():
                    self._norms.append(torch.linalg.vector_norm(p.grad, dtype=wide))
            except Exception:  # the backward pass goes on, whatever kind of gradient this is
                self._failed = True
