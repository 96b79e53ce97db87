"""Memory of the training process on the host: a leak shows as a slope long before the machine runs out."""

from __future__ import annotations

import functools

from ..signal import Price, Signal
from ..step_context import Seen


@functools.cache
def _process():
    import psutil

    return psutil.Process()


def measure(seen: Seen) -> float:
    """Resident set size of this process [bytes]."""
    return float(_process().memory_info().rss)


signal = Signal(
    "host_memory", measure, "Resident memory of the training process",
    unit="B", better="lower", price=Price.GLANCE, of_run=True,
)  # fmt: skip
