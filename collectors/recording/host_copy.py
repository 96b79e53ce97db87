"""Values on their way from a device to the host, for which nobody waits."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class HostCopy:
    """A copy to the host that has been started; on the host it is there at once."""

    def __init__(self, flat: Tensor):
        self.event, self.host = start_copy(flat, flat.device)

    def values(self, wait: bool = False) -> list[float] | None:
        """What was copied; None while it is on its way, unless one waits for it."""
        if wait and self.event is not None:
            self.event.synchronize()
        return self.host.tolist() if self.event is None or self.event.query() else None


def start_copy(flat: Tensor, device: torch.device) -> tuple[Any, Tensor]:
    """Starts a copy to the host: (event to wait for, host tensor)."""
    if device.type != "cuda":
        return None, flat.cpu()
    host = torch.empty(flat.shape, dtype=flat.dtype, pin_memory=True)
    host.copy_(flat, non_blocking=True)
    landed = torch.cuda.Event(blocking=True)
    landed.record(torch.cuda.current_stream(device))
    return landed, host
