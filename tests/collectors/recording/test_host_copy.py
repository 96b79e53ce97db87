"""On the host a copy is there at once."""

from __future__ import annotations

import torch

from barograph.collectors.recording.host_copy import HostCopy, start_copy


def test_a_copy_on_the_host():
    flat = torch.tensor([1.0, 2.0])
    assert HostCopy(flat).values() == HostCopy(flat).values(wait=True) == [1.0, 2.0]
    event, host = start_copy(flat, flat.device)
    assert event is None and host.tolist() == [1.0, 2.0]
