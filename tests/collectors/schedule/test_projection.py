"""The planned learning rate, against training that really went there."""

from __future__ import annotations

import copy
import functools
import re

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim import lr_scheduler as schedulers

from barograph.collectors import watch
from barograph.collectors.schedule.projection import Projection, Unplanned, count, from_user, knots, run_ahead_copy
from barograph.collectors.schedule.projection import schedulers as all_schedulers


class Warmup:
    """A stateful callable: it counts its own calls."""

    def __init__(self):
        self.calls = 0

    def __call__(self, step):
        self.calls += 1
        return min(1.0, self.calls / 10)


class Trainer:
    """Its bound method is the schedule; it holds something that must not be copied."""

    def __init__(self):
        self.factors = [1.0, 0.5, 0.25]

    def __deepcopy__(self, memo):
        raise AssertionError("the trainer was copied")

    def factor(self, step, scale=1.0):
        return scale * self.factors[min(2, step // 20)]


def half_cosine(step, floor):
    return floor + (1 - floor) * 0.5 * (1 + np.cos(np.pi * min(step, 50) / 50))


def sequential(o):
    warm = schedulers.LinearLR(o, 0.1, total_iters=10)
    return schedulers.SequentialLR(o, [warm, schedulers.CosineAnnealingLR(o, 40)], [10])


def chained(o):
    return schedulers.ChainedScheduler([schedulers.ExponentialLR(o, 0.97), schedulers.LinearLR(o, 0.2, total_iters=15)])


SCHEDULES = {
    "lambda": lambda o: schedulers.LambdaLR(o, lambda step: min(1.0, (step + 1) / 10) * 0.99**step),
    "lambda a group": lambda o: schedulers.LambdaLR(o, [lambda step: 0.9**step, lambda step: 1.0]),
    "partial": lambda o: schedulers.LambdaLR(o, functools.partial(half_cosine, floor=0.1)),
    "stateful callable": lambda o: schedulers.LambdaLR(o, Warmup()),
    "bound method": lambda o: schedulers.LambdaLR(o, Trainer().factor),
    "partial of a bound method": lambda o: schedulers.LambdaLR(o, functools.partial(Trainer().factor, scale=2.0)),
    "cosine": lambda o: schedulers.CosineAnnealingLR(o, 60, eta_min=1e-4),
    "one cycle": lambda o: schedulers.OneCycleLR(o, max_lr=[0.1, 0.2], total_steps=60),
    "one cycle that ends early": lambda o: schedulers.OneCycleLR(o, max_lr=0.1, total_steps=40),
    "cyclic": lambda o: schedulers.CyclicLR(o, 0.01, 0.1, step_size_up=7, cycle_momentum=False),
    "warm restarts": lambda o: schedulers.CosineAnnealingWarmRestarts(o, 13),
    "multi step": lambda o: schedulers.MultiStepLR(o, [20, 45], gamma=0.1),
    "sequential": sequential,
    "chained": chained,
}


def train(scheduler, optimizer, steps, at_step=lambda step: None, every=1, times=1):
    """Learning rates that the steps used [steps, groups]."""
    used = []
    for step in range(1, steps + 1):
        at_step(step)
        used.append([float(g["lr"]) for g in optimizer.param_groups])
        optimizer.step()
        if step % every == 0:
            for _ in range(times):
                try:
                    scheduler.step()
                except ValueError:  # past the end of one cycle
                    pass
    return np.array(used)


@pytest.fixture
def optimizer():
    model = nn.Linear(2, 2)
    for p in model.parameters():
        p.grad = torch.zeros_like(p)
    return torch.optim.SGD([{"params": [model.weight]}, {"params": [model.bias], "lr": 0.02}], lr=0.05, momentum=0.9)


def replanned(writer):
    """What was said of the plan."""
    return [e for e in writer.events if e.kind == "plan"]


def planned(writer, group="0"):
    """The newest plan of a group at each step from the one it was made at."""
    plan = [p for p in writer.plans if p.group == group][-1]
    steps = np.arange(plan.steps[0], plan.steps[-1] + 1)
    return steps, np.interp(steps, plan.steps, plan.values)


@pytest.mark.parametrize("kind", SCHEDULES)
def test_the_plan_is_what_training_then_does(writers, optimizer, kind):
    scheduler = SCHEDULES[kind](optimizer)
    with watch(None, optimizer, scheduler=scheduler, total_steps=60):
        used = train(scheduler, optimizer, 60)
    assert not replanned(writers[0])
    for group in "01":
        steps, rates = planned(writers[0], group)
        assert steps[0] <= 3 and steps[-1] == 60
        np.testing.assert_allclose(rates, used[steps - 1, int(group)], atol=2e-6 * used.max())


@pytest.mark.parametrize("kind", SCHEDULES)
def test_the_real_scheduler_does_not_move(optimizer, kind):
    scheduler = SCHEDULES[kind](optimizer)
    every = all_schedulers(scheduler)
    groups = copy.deepcopy([{k: v for k, v in g.items() if k != "params"} for g in optimizer.param_groups])
    before = [count(one) for one in every], [getattr(f, "calls", None) for f in getattr(scheduler, "lr_lambdas", [])]
    ahead = run_ahead_copy(scheduler, optimizer)
    Projection(ahead, 1, 30).advance(10)
    assert ahead.optimizer.param_groups[0]["params"] == [] and count(ahead) == before[0][0] + 29
    assert groups == [{k: v for k, v in g.items() if k != "params"} for g in optimizer.param_groups]
    after = [count(one) for one in every], [getattr(f, "calls", None) for f in getattr(scheduler, "lr_lambdas", [])]
    assert before == after


@pytest.mark.parametrize(("every", "times"), [(8, 1), (1, 4)])
def test_the_scheduler_keeps_its_own_pace(writers, optimizer, every, times):
    """Once an epoch of 8 steps, or four times a step (as with data parallelism that steps it for every process)."""
    scheduler = schedulers.ExponentialLR(optimizer, 0.9)
    with watch(None, optimizer, scheduler=scheduler, total_steps=40):
        used = train(scheduler, optimizer, 40, every=every, times=times)
    steps, rates = planned(writers[0])
    assert not replanned(writers[0]) and len(writers[0].plans) == 2
    np.testing.assert_allclose(rates, used[steps - 1, 0], rtol=1e-4, atol=1e-6 * used.max())


def test_a_rate_that_leaves_its_plan_is_planned_again(writers, optimizer):
    scheduler = schedulers.ExponentialLR(optimizer, 0.99)

    def halve(step):
        if step == 20:
            for group in optimizer.param_groups:
                group["lr"] /= 2

    with watch(None, optimizer, scheduler=scheduler, total_steps=50):
        used = train(scheduler, optimizer, 50, at_step=halve)
    (said,) = replanned(writers[0])
    assert said.step == 19 and "left its plan at step 20" in said.text
    steps, rates = planned(writers[0])
    assert steps[0] == 20
    np.testing.assert_allclose(rates, used[steps - 1, 0], rtol=1e-4)


def test_a_rate_that_never_keeps_to_its_plan_is_not_planned_at_every_step(writers, optimizer):
    draws = np.random.default_rng(0)
    scheduler = schedulers.LambdaLR(optimizer, lambda step: draws.random())
    with watch(None, optimizer, scheduler=scheduler, total_steps=1000):
        train(scheduler, optimizer, 1000)
    assert 2 <= len([e for e in writers[0].events if e.kind == "plan"]) <= 8


class Odd:
    """No count of its steps, and not to be copied."""

    def __init__(self, optimizer, last_epoch=0):
        self.optimizer, self.last_epoch = optimizer, last_epoch

    def __deepcopy__(self, memo):
        raise TypeError("holds a lock")

    def step(self):
        self.last_epoch += 1


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda o: schedulers.ReduceLROnPlateau(o), "ReduceLROnPlateau decides from what training shows"),
        (Odd, "Odd cannot be copied .holds a lock.; pass plan="),
        (lambda o: Odd(o, last_epoch=None), "does not count its steps"),
    ],
)
def test_what_cannot_be_planned_is_said_once(writers, optimizer, make, said):
    scheduler = make(optimizer)
    step = (lambda: scheduler.step(1.0)) if isinstance(scheduler, schedulers.ReduceLROnPlateau) else lambda: None
    if isinstance(scheduler, Odd) and scheduler.last_epoch is not None:
        step = scheduler.step
    with watch(None, optimizer, scheduler=scheduler, total_steps=20):
        for _ in range(10):
            optimizer.step()
            step()
    texts = [e.text for e in writers[0].events if e.kind == "plan"]
    assert len(texts) == 1 and not writers[0].plans
    assert re.search("Planned learning rate unknown: .*" + said, texts[0])


def test_a_scheduler_without_total_steps_is_said_to_be_unplanned(writers, optimizer):
    watch(None, optimizer, scheduler=schedulers.ExponentialLR(optimizer, 0.9)).finish()
    assert "pass total_steps=" in writers[0].events[0].text


@pytest.mark.parametrize("plan", [lambda step: 0.1 * step, [0.1 * k for k in range(1, 9)], np.arange(1, 9) * 0.1])
def test_a_plan_of_the_users_own(writers, plan):
    watch(total_steps=8, plan=plan).finish()
    (given,) = writers[0].plans
    assert given.origin == "given" and given.steps.tolist() == [1, 8]
    np.testing.assert_allclose(given.values, [0.1, 0.8])


def test_from_user_says_what_it_expected():
    for plan, end, said in [(lambda s: 1.0, None, "total_steps"), ([1.0, np.nan], None, "finite"), ([], None, "one")]:
        with pytest.raises(ValueError, match=said):
            from_user(plan, end)


def test_knots_reproduce_the_curve():
    steps = np.arange(1, 20_001)
    cosine = 3e-4 * 0.5 * (1 + np.cos(np.pi * steps / 20_000))
    stairs = 0.1 ** (steps // 5000).astype(float)
    wsd = np.minimum(1.0, np.minimum(steps / 100, (20_000 - steps) / 4000))
    for values, most in ((cosine, 1500), (stairs, 9), (wsd, 4), (np.full(20_000, 0.0), 2)):
        at, rates = knots(steps, values)
        assert len(at) <= most
        assert np.abs(np.interp(steps, at, rates) - values).max() <= 1e-6 * values.max() + 1e-18


def test_a_long_plan_is_worked_out_in_slices(optimizer):
    scheduler = schedulers.CosineAnnealingLR(optimizer, 100_000)
    projection = Projection(run_ahead_copy(scheduler, optimizer), 1, 100_000)
    assert not projection.advance(0.0) and 2 <= projection.filled <= 10
    assert projection.at(1) is not None and projection.at(50_000) is None


def test_a_scheduler_that_fails_at_once_is_unplanned(optimizer):
    scheduler = schedulers.LambdaLR(optimizer, lambda step: 1 / (1 - step))
    with pytest.raises(Unplanned, match="failed on a copy"):
        Projection(run_ahead_copy(scheduler, optimizer), 1, 10).advance(1.0)
