"""How long each rank really worked in a step, where all of them end it together."""

from __future__ import annotations

import time
from typing import Any

import torch
from torch import Tensor


def without_waiting(times: Tensor) -> Tensor:
    """Step times [ranks] without waiting, from (seconds of the step, of these not in a backward pass) [ranks, 2].

    Ranks that meet in each backward pass have equal steps, whoever was late: what a rank did less of its own work than
    the busiest, and is not seen in its step's length, it spent waiting.

    >>> without_waiting(torch.tensor([[1.0, 0.2], [1.0, 0.7]])).tolist()
    [0.5, 1.0]
    """
    step, work = times[:, 0], times[:, 1]
    return step - ((work.amax() - work) - (step.amax() - step)).clamp(min=0)


class OwnWork:
    """Seconds that this rank spends outside of backward passes: there it may have to wait for others."""

    def __init__(self) -> None:
        self._since, self._sum = time.perf_counter(), 0.0
        self._original = original = torch.autograd.backward

        def backward(*arguments: Any, **options: Any) -> Any:
            self._sum += time.perf_counter() - self._since
            try:
                return original(*arguments, **options)
            finally:
                self._since = time.perf_counter()

        self._ours = torch.autograd.backward = backward

    def lap(self) -> float:
        """A step has ended: its seconds."""
        now = time.perf_counter()
        done, self._sum, self._since = self._sum + now - self._since, 0.0, now
        return done

    def close(self) -> None:
        """Puts torch's own function back, unless somebody has put another over ours."""
        if torch.autograd.backward is self._ours:
            torch.autograd.backward = self._original
