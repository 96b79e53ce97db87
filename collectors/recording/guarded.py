"""A verb of the training script that cannot hurt it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from .run_record import RunRecord

P = ParamSpec("P")


class Recorded(Protocol):
    """Whatever writes to a run's record."""

    record: RunRecord


Self = TypeVar("Self", bound=Recorded)


def guarded(verb: Callable[Concatenate[Self, P], None]) -> Callable[Concatenate[Self, P], None]:
    """The verb never raises into training, and does nothing once the run is over or in a forked process."""

    @functools.wraps(verb)
    def never_raises(self: Self, *arguments: P.args, **options: P.kwargs) -> None:
        record = self.record
        if record.closed:
            return
        try:
            verb(self, *arguments, **options)
        except Exception as problem:
            record.failed(f"run.{verb.__name__} failed", problem)

    return never_raises
