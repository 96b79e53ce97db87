"""One element a thousand times its usual size, among others that stay as they were."""

from __future__ import annotations

import pytest
import torch

from barograph.collectors.signals import gradient_spikes
from barograph.collectors.step_context import StepContext
from tests.collectors.one_step import context, values


def test_a_spike_is_found_in_its_tensor():
    first = context(optimizer=torch.optim.AdamW, lr=1e-6)
    optimizer, layout = first.optimizer, first.layout
    for p in layout.params:
        p.grad = torch.ones_like(p)
    for step in range(40):
        assert gradient_spikes.largest_of_all(StepContext(step, optimizer, layout)) is None or step >= 20
        optimizer.step()
    layout.params[0].grad[0, 0] = 1000.0
    spiking = StepContext(40, optimizer, layout)
    assert float(gradient_spikes.largest_of_all(spiking)) == pytest.approx(1e6, rel=0.01)
    assert values(gradient_spikes.largest_by_tensor(spiking))["a.bias"] == pytest.approx(1, rel=0.01)
    assert values(gradient_spikes.share(spiking)) == {"a.weight": 0.25, "a.bias": 0}
    assert values(gradient_spikes.peers(spiking)) == {"a.weight": 1}
