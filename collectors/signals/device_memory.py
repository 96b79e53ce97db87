"""Largest memory of tensors on the accelerator so far: how far a run is from the limit."""

from __future__ import annotations

import torch

from ..signal import Price, Signal
from ..step_context import Seen


def measure(seen: Seen) -> float | None:
    """Peak bytes allocated by torch on the parameters' device; None on the host."""
    device = seen.layout.device
    return float(torch.cuda.max_memory_allocated(device)) if device.type == "cuda" else None


signal = Signal(
    "device_memory", measure, "Peak memory of tensors on the accelerator so far",
    unit="B", better="lower", price=Price.GLANCE, of_run=True,
)  # fmt: skip
