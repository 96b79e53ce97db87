"""What is usual of a gradient is known after the burn-in, for optimizers that keep a second moment."""

from __future__ import annotations

import pytest
import torch

from barograph.collectors.measurement import NotMeasured
from barograph.collectors.quantities.gradient_baseline import BURN_IN, STILL, Baselines
from barograph.collectors.step_context import StepContext
from tests.collectors.one_step import context


def test_known_after_the_burn_in():
    first = context(optimizer=torch.optim.AdamW)
    baselines, found = Baselines(), {}
    for step in range(BURN_IN + 5):
        found = baselines.known(StepContext(step, first.optimizer, first.layout))
        assert bool(found) == (step >= BURN_IN)
        first.optimizer.step()
    v = first.optimizer.state[first.layout.params[1]]["exp_avg_sq"]
    assert found[1].v is v and found[1].floor <= STILL * float(v.max())


def test_an_optimizer_without_a_second_moment():
    with pytest.raises(NotMeasured, match="SGD keeps no second moment"):
        Baselines().known(context())
