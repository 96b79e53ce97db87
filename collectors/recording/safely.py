"""A verb of the training script that cannot hurt it."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import Any


def safely(verb: Callable) -> Callable:
    """A verb that never raises into training, and does nothing once the run is over or in a forked process."""

    @functools.wraps(verb)
    def guarded(self: Any, *arguments: Any, **options: Any) -> None:
        if self._over or os.getpid() != self._pid:
            return
        try:
            verb(self, *arguments, **options)
        except Exception as problem:
            self._recorder.failed(f"run.{verb.__name__} failed", problem)

    return guarded
