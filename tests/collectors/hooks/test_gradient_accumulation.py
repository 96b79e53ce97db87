"""How a gradient grows over several backward passes."""

from __future__ import annotations

import torch
from torch import nn

from barograph.collectors.hooks.gradient_accumulation import GradientAccumulation


def test_passes_and_the_first_norm():
    weight, accumulation = nn.Parameter(torch.zeros(2)), GradientAccumulation()
    accumulation.open([weight, nn.Parameter(torch.ones(1), requires_grad=False)])
    assert accumulation.is_open and accumulation.seen() is None
    for direction in ([3.0, 4.0], [10.0, 0.0]):
        (weight * torch.tensor(direction)).sum().backward()
    passes, first = accumulation.seen()
    assert (passes, float(first)) == (2, 5.0)
    accumulation.close()
    assert not accumulation.is_open and not weight._post_accumulate_grad_hooks
