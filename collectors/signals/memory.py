"""Memory: how far a run is from the limit of its accelerator, and leaks on the host."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import torch

from ..measurement import Measured
from ..signal import Price, Signal
from ..step_context import StepContext

if TYPE_CHECKING:
    import psutil


def on_device(context: StepContext) -> Measured:
    """Peak bytes allocated by torch on the parameters' device; None on the host."""
    device = context.layout.device
    return float(torch.cuda.max_memory_allocated(device)) if device.type == "cuda" else None


def on_host(context: StepContext) -> Measured:
    """Resident set size of this process [bytes]: a leak shows as a slope long before the machine runs out."""
    return float(_process().memory_info().rss)


@functools.cache
def _process() -> psutil.Process:
    import psutil

    return psutil.Process()


device_memory = Signal(
    "device_memory", on_device, "Peak memory of tensors on the accelerator so far", title="Accelerator memory, peak",
    unit="B", better="lower", price=Price.GLANCE, of_run=True, remedy="train on a CUDA device",
)  # fmt: skip
host_memory = Signal(
    "host_memory", on_host, "Resident memory of the training process", title="Host memory", unit="B", better="lower",
    price=Price.GLANCE, of_run=True, remedy="pass the optimizer to watch",
)  # fmt: skip
