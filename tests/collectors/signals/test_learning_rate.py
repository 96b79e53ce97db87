"""Learning rates by group, counted on over optimizers."""

from __future__ import annotations

import torch

from barograph.collectors.signals import learning_rate
from tests.collectors.one_step import context, values


def test_rates_by_group():
    step = context(first_group=2)
    assert learning_rate.by_group(step) == (("2",), [0.1])
    assert learning_rate.by_group(step)[0] is learning_rate.by_group(step)[0], "the same names at every step"
    step.optimizer.param_groups[0]["lr"] = torch.tensor(0.5)
    assert values(learning_rate.by_group(step)) == {"2": 0.5}
