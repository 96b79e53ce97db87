"""A plan is read once the scheduler's pace is known, and again when the rate leaves it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from barograph.collectors.schedule.planner import Planner


@pytest.fixture
def optimizer():
    return torch.optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)


def go(planner, optimizer, scheduler, steps):
    for step in steps:
        planner.before_step(step)
        optimizer.step()
        scheduler.step()


def test_the_plan_and_its_renewal(optimizer):
    plans, texts = [], []
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.5**step)
    planner = Planner(scheduler, optimizer, 40, lambda *plan: plans.append(plan), texts.append)
    go(planner, optimizer, scheduler, range(1, 10))
    (group, steps, values, origin, made_at) = plans[0]
    assert (group, origin, steps[-1]) == ("0", "scheduler", 40) and not texts
    assert values[0] == pytest.approx(0.5 ** (made_at - 1)) and values[-1] == pytest.approx(0.5**39)
    scheduler.base_lrs[0] = 100.0
    go(planner, optimizer, scheduler, range(10, 15))
    assert len(plans) == 2 and "has left its plan" in texts[0]


def test_without_a_scheduler_an_optimizer_or_an_end(optimizer):
    texts = []
    Planner(None, optimizer, 10, print, texts.append).before_step(1)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
    Planner(scheduler, optimizer, None, print, texts.append).before_step(1)
    assert texts == ["Planned learning rate unknown: how long the run will be is not known; pass total_steps="]


@pytest.mark.parametrize("given", [None, (np.arange(1, 31), np.ones(30))], ids=["unknown", "given"])
def test_a_rate_that_moves_without_a_scheduler_asks_once_for_a_plan(optimizer, given, recwarn):
    texts = []
    planner = Planner(None, optimizer, 30, lambda *_: None, texts.append, given=given)
    for step in range(1, 10):
        planner.before_step(step)
    assert not texts, "a constant rate needs no plan"
    for step in range(10, 20):
        optimizer.param_groups[0]["lr"] *= 0.9
        planner.before_step(step)
    asked = [str(one.message) for one in recwarn if "watch(plan=...)" in str(one.message)]
    assert len(texts) == len(asked) == (1 if given is None else 0)
    assert not texts or "can only be guessed" in texts[0]
