"""The gradient noise scale: against a truth that is known, and what it does to training and to what compiles it."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from barograph.collectors import watch

SIZE, BATCH = 400, 4  # parameters; samples of a micro-batch
SIGMA = 0.2  # of each element of one sample's gradient


def direct(scaler=None):
    """A function that trains one step: its gradients are 1 / sqrt(SIZE) in each element, and noise."""
    parameters = [nn.Parameter(torch.zeros(SIZE // 2)) for _ in range(2)]
    optimizer = torch.optim.SGD(parameters, lr=0.0)

    def step(passes, clip=None):
        for _ in range(passes):
            noise = SIGMA * torch.randn(BATCH, 2, SIZE // 2).mean(dim=0)
            loss = sum((p * (SIZE**-0.5 + n)).sum() for p, n in zip(parameters, noise, strict=True)) / passes
            (loss if scaler is None else scaler.scale(loss)).backward()
        if scaler is not None:
            scaler.unscale_(optimizer)
        if clip:
            nn.utils.clip_grad_norm_(parameters, clip)
        optimizer.step() if scaler is None else scaler.step(optimizer)
        if scaler is not None:
            scaler.update()
        optimizer.zero_grad()

    return step, parameters, optimizer


TRUE = SIZE * SIGMA**2  # trace of one sample's covariance over |G|^2 = 1, in samples


@pytest.mark.parametrize(("preset", "scaled"), [("standard", True), ("full", False)])
def test_the_truth_is_found(writers, preset, scaled):
    torch.manual_seed(0)
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0, growth_interval=100) if scaled else None
    step, _, optimizer = direct(scaler)
    with watch(None, optimizer, preset=preset, scaler=scaler) as run:
        for _ in range(521):
            step(passes=4, clip=0.5)
            run.log(tokens=4 * BATCH)  # a sample counts as a token here
    series = writers[0].series("noise_scale")
    assert [at for at, _ in series] == list(range(51, 522, 10))
    assert series[-1][1] == pytest.approx(TRUE, rel=0.15)


def test_each_value_is_what_its_gradients_say(writers):
    """Against copies of the gradients."""
    torch.manual_seed(1)
    step, parameters, optimizer = direct()
    firsts, wholes = {}, {}

    def copied(passes):
        seen = []
        undo = [p.register_post_accumulate_grad_hook(lambda p: seen.append(p.grad.clone())) for p in parameters]
        whole = optimizer.register_step_pre_hook(
            lambda *_: wholes.__setitem__(run.step + 1, sum(float(p.grad.square().sum()) for p in parameters))
        )
        at = run.step + 1
        step(passes)
        firsts[at] = passes**2 * sum(float(g.square().sum()) for g in seen[:2])
        for one in undo:
            one.remove()
        whole.remove()

    with watch(None, optimizer, preset="full") as run:
        for _ in range(91):
            copied(3)
    at = list(range(11, 92, 10))
    noise = sum((firsts[i] - wholes[i]) / (1 - 1 / 3) for i in at)
    square = sum((3 * wholes[i] - firsts[i]) / 2 for i in at)
    assert writers[0].values["noise_scale"][91] == pytest.approx(noise / square, rel=1e-4)  # in micro-batches


def test_where_nothing_accumulates_it_says_nothing_and_looks_seldom(writers):
    step, parameters, optimizer = direct()
    hooked = []
    with watch(None, optimizer, preset="full") as run:
        for _ in range(250):
            if any(p._post_accumulate_grad_hooks for p in parameters):
                hooked.append(run.step + 1)
            step(passes=1)
    assert "noise_scale" not in writers[0].values
    assert hooked == [11, 101, 201]


def test_one_step_that_overflows_does_not_spoil_the_rest(writers):
    torch.manual_seed(2)
    step, parameters, optimizer = direct()
    with watch(None, optimizer, preset="full") as run:
        for at in range(1, 402):
            hooks = [p.register_hook(lambda g: g * float("inf")) for p in parameters] if at == 101 else []
            step(passes=4)
            run.log(tokens=4 * BATCH)
            for hook in hooks:
                hook.remove()
    assert writers[0].values["noise_scale"][401] == pytest.approx(TRUE, rel=0.3)


def test_the_hooks_are_for_one_step_and_are_not_saved(writers):
    step, parameters, optimizer = direct()
    run = watch(None, optimizer, preset="full")
    for _ in range(10):
        step(passes=2)
    assert all(len(p._post_accumulate_grad_hooks) == 1 for p in parameters)
    assert not any(p._post_accumulate_grad_hooks for p in copy.deepcopy(parameters))
    step(passes=2)
    assert not any(p._post_accumulate_grad_hooks for p in parameters)
    for _ in range(9):
        step(passes=2)
    run.finish()
    assert not any(p._post_accumulate_grad_hooks for p in parameters)


def test_an_optimizer_that_evaluates_many_times_is_said_to_be_not_measured(writers):
    parameter = nn.Parameter(torch.ones(5))
    optimizer = torch.optim.LBFGS([parameter], lr=0.1)

    def closure():
        optimizer.zero_grad()
        loss = (parameter**4).sum()
        loss.backward()
        return loss

    with watch(None, optimizer, preset="full"):
        for _ in range(12):
            optimizer.step(closure)
            assert not parameter._post_accumulate_grad_hooks
    assert len([e for e in writers[0].events if e.text.startswith("noise_scale: the gradients of single")]) == 1


def test_light_leaves_it_out(writers):
    step, parameters, optimizer = direct()
    with watch(None, optimizer, preset="light"):
        for _ in range(60):
            assert not any(p._post_accumulate_grad_hooks for p in parameters)
            step(passes=2)
    assert "noise_scale" not in writers[0].values
