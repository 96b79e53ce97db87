"""Observation has no effect: weights, buffers, optimizer state and random states are bitwise what they would be."""

from __future__ import annotations

import copy
import gc
import random
import weakref

import numpy as np
import pytest
import torch

from barograph.collectors import watch

KINDS = {
    "adamw": lambda m: torch.optim.AdamW(m.parameters(), lr=0.05),
    "adamw fused": lambda m: torch.optim.AdamW(m.parameters(), lr=0.05, fused=True),
    "sgd nesterov foreach": lambda m: torch.optim.SGD(
        m.parameters(), lr=0.05, momentum=0.9, nesterov=True, foreach=True
    ),
}


@pytest.mark.parametrize("preset", ["light", "standard", "full"])
@pytest.mark.parametrize("kind", KINDS)
def test_training_is_bitwise_the_same(writers, small, train, preset, kind):
    outcomes = []
    for watched in (False, True):
        torch.manual_seed(3), random.seed(3), np.random.seed(3)
        model = copy.deepcopy(small)
        optimizer = KINDS[kind](model)
        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0 + 0.1 * random.random())
        run = None
        if watched:
            run = watch(model, optimizer, scheduler=scheduler, total_steps=25, preset=preset)
        losses = train(model, optimizer, run, steps=25, scheduler=scheduler)
        if watched:
            run.finish()
            assert writers[-1].plans  # the schedule, which draws random numbers, was run ahead
        tensors = list(model.state_dict().values()) + [t for s in optimizer.state.values() for t in s.values()]
        randoms = (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist())
        outcomes.append((losses, [t.clone() for t in tensors], randoms))
    (losses, tensors, randoms), (losses2, tensors2, randoms2) = outcomes
    assert losses == losses2 and randoms == randoms2
    assert all(map(torch.equal, tensors, tensors2))


def test_a_hundred_steps_of_micro_batches(writers, small):
    """All that is seldom measured happens, and hooks on modules and on gradients come and go."""
    outcomes = []
    for watched in (False, True):
        torch.manual_seed(4)
        model = copy.deepcopy(small)
        optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
        run = watch(model, optimizer, preset="full") if watched else None
        losses = []
        for _ in range(103):
            for _ in range(2):
                (loss := model.loss() / 2).backward()
                losses.append(loss.item())
            optimizer.step()
            optimizer.zero_grad()
        if run is not None:
            run.finish()
        state = [t for s in optimizer.state.values() for t in s.values()]
        outcomes.append((losses, [*model.state_dict().values(), *state], torch.get_rng_state().tolist()))
    (losses, tensors, randoms), (losses2, tensors2, randoms2) = outcomes
    assert losses == losses2 and randoms == randoms2 and all(map(torch.equal, tensors, tensors2))
    steps = {name: [step for step, _ in writers[0].series(key)] for name, key in SELDOM.items()}
    assert steps == {
        "noise": [51, 61, 71, 81, 91, 101], "spectra": [1, 100], "activations": [2, 101], "dead": [2, 101]
    }  # fmt: skip


SELDOM = {
    "noise": "noise_scale",
    "spectra": ("spectral_norm", "body.0.weight"),
    "activations": ("activation_rms", "body.0"),
    "dead": ("dead_units", "head"),
}


def test_nothing_is_left_behind(writers, small, train):
    clip = torch.nn.utils.clip_grad_norm_
    inner = [cell.cell_contents for cell in clip.__closure__]
    optimizer = torch.optim.AdamW(small.parameters())
    for _ in range(2):
        run = watch(small, optimizer, preset="full")
        assert optimizer._optimizer_step_pre_hooks and optimizer._optimizer_step_post_hooks
        assert [cell.cell_contents for cell in clip.__closure__] != inner
        train(small, optimizer, run, steps=2)
        run.finish()
        assert not optimizer._optimizer_step_pre_hooks and not optimizer._optimizer_step_post_hooks
        assert torch.nn.utils.clip_grad_norm_ is clip and [c.cell_contents for c in clip.__closure__] == inner
    assert not any(m._forward_hooks or m._backward_hooks for m in small.modules())


def test_the_model_can_be_freed_after_the_end(writers, small, train):
    model = copy.deepcopy(small)
    optimizer = torch.optim.AdamW(model.parameters())
    run = watch(model, optimizer, preset="full")
    train(model, optimizer, run, steps=3)
    run.finish()
    alive = weakref.ref(model)
    del model, optimizer
    gc.collect()
    assert alive() is None


def test_light_and_standard_hold_no_copy_of_the_weights(writers):
    """Scratch of two pieces, whatever the model's size: no tensor as large as the largest weight is ever allocated."""
    model = torch.nn.Linear(1500, 1500, bias=False)
    optimizer = torch.optim.AdamW(model.parameters())
    model.weight.grad = torch.ones_like(model.weight)
    optimizer.step()
    optimizer.zero_grad(set_to_none=False)
    run = watch(model, optimizer, preset="standard")
    from torch.profiler import ProfilerActivity, profile

    for hook in optimizer._optimizer_step_pre_hooks.values():
        hook(optimizer, (optimizer,), {})
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as watched:
        for hook in optimizer._optimizer_step_post_hooks.values():
            hook(optimizer, (optimizer,), {})
    run.finish()
    assert len(writers[0].series(("update_norm_tensor", "weight"))) == 1
    allocated = sum(max(0, e.self_cpu_memory_usage) for e in watched.events())
    assert 0 < allocated < 0.15 * model.weight.nbytes
