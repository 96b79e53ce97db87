"""Compiled models, mixed precision, forked workers: training goes on and what is recorded is true."""

from __future__ import annotations

import math
import os

import pytest
import torch
from torch import nn

from barograph.collectors import watch
from barograph.collectors.hooks import clipping
from barograph.collectors.hooks.parameter_layout import ParameterLayout, clean


def test_a_compiled_model(writers, small, train):
    compiled = torch.compile(small, backend="eager")
    compiled.loss = lambda: nn.functional.cross_entropy(compiled(torch.arange(11)), torch.arange(11))
    optimizer = torch.optim.AdamW(compiled.parameters(), lr=0.01)
    with watch(compiled, optimizer, preset="full") as run:
        train(compiled, optimizer, run, steps=3)
    assert len(writers[0].series("grad_norm")) == 3
    assert len(writers[0].series(("update_norm_tensor", "body.0.weight"))) == 3  # names as in the model itself


def test_a_compiled_step(writers, small, recwarn):
    """The optimizer's hooks run outside the compiled graph."""
    optimizer = torch.optim.SGD(small.parameters(), lr=0.1)
    twin = [p.detach().clone() for p in small.parameters()]

    def step():
        nn.utils.clip_grad_norm_(small.parameters(), 0.05)
        optimizer.step()

    compiled = torch.compile(step, backend="eager")
    with watch(small, optimizer, preset="full"):
        for _ in range(3):
            small.loss().backward()
            compiled()
    assert any(not torch.equal(a, b) for a, b in zip(twin, small.parameters(), strict=True))
    assert [s for s, _ in writers[0].series("weight_norm")] == [1, 2, 3]
    clipped = "grad_norm" if "clip_coefficient" in writers[0].values else "grad_norm_applied"
    assert len(writers[0].series(clipped)) == 3


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize("order", ["unscale, clip", "clip", "neither"])
def test_mixed_precision_with_a_skipped_step(writers, small, fused, order):
    """Norms are those of the unscaled gradients, wherever the loop clips; a skipped step moves nothing."""
    optimizer = torch.optim.AdamW(small.parameters(), lr=0.01, fused=fused)
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0, growth_interval=2)
    expected, scales, moved = [], [], []
    with watch(small, optimizer, preset="full", scaler=scaler) as run:
        for step in range(5):
            optimizer.zero_grad()
            loss = small.loss()
            scales.append(scaler.get_scale())
            scaler.scale(loss).backward()
            trained = [p for p in small.parameters() if p.grad is not None]
            if step == 2:
                trained[0].grad[0] = float("inf")
            norm = math.sqrt(sum(float((p.grad.double() / scales[-1]).square().sum()) for p in trained))
            old = [p.detach().clone() for p in trained]
            if order == "unscale, clip":
                scaler.unscale_(optimizer)
            if order != "neither":
                nn.utils.clip_grad_norm_(small.parameters(), 0.05)
            done = run.step
            scaler.step(optimizer)
            scaler.update()
            assert run.step == done + (fused or step != 2)
            if run.step > done:
                expected.append((run.step, norm, scales[-1]))
                parts = [float((a - b.detach()).square().sum()) for a, b in zip(old, trained, strict=True)]
                moved.append(math.sqrt(sum(parts)))
    w = writers[0]
    for (step, norm, scale), length in zip(expected, moved, strict=True):
        found = w.values["grad_norm"][step]
        assert found == pytest.approx(norm, rel=1e-4) or (not math.isfinite(norm) and not math.isfinite(found))
        assert w.values["loss_scale"][step] == scale
        names = [n for n, p in small.named_parameters() if p.grad is not None]
        update = math.sqrt(sum(w.values["update_norm_tensor", n][step] ** 2 for n in names))
        assert update == pytest.approx(length, rel=2e-3, abs=1e-7)
    assert len(w.series("loss_scale")) == len(expected)


class Squares(torch.utils.data.Dataset):
    """Its items are made in a forked worker, which has the run too."""

    run = None

    def __len__(self):
        return 8

    def __getitem__(self, index):
        if os.getpid() != self.run._machinery.record.pid:
            self.run.log(from_worker=1.0)
            self.run.finish()
        return float(index**2)


def test_forked_workers_leave_the_run_alone(writers):
    data = Squares()
    with watch() as run:
        Squares.run = run
        for batch in torch.utils.data.DataLoader(data, batch_size=4, num_workers=1, multiprocessing_context="fork"):
            run.log(loss=batch.mean())
    assert [v for _, v in writers[0].series("loss")] == [3.5, 31.5]
    assert "from_worker" not in writers[0].values and writers[0].state == "finished"


def test_a_wrapped_optimizer_and_scheduler(writers, small, train):
    class Wrapper:
        def __init__(self, inner, name):
            setattr(self, name, inner)
            self.step = inner.step

    inner = torch.optim.AdamW(small.parameters(), lr=0.01)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(inner, 0.9)
    with watch(small, Wrapper(inner, "optimizer"), scheduler=Wrapper(scheduler, "scheduler"), total_steps=10):
        train(small, inner, steps=5, scheduler=scheduler)
    assert len(writers[0].series("grad_norm")) == 5 and writers[0].plans


def test_a_shard_of_the_gradients_is_called_local(writers, small, train, monkeypatch):
    monkeypatch.setattr("barograph.collectors.hooks.parameter_layout.is_sharded", lambda p: True)
    optimizer = torch.optim.AdamW(small.parameters(), lr=0.01)
    with watch(small, optimizer, preset="full") as run:
        train(small, optimizer, run, steps=2)
    w = writers[0]
    assert len(w.series("grad_norm_applied_local")) == len(w.series(("grad_norm_tensor_local", "body.0.bias"))) == 2
    assert "grad_norm" not in w.values and "grad_norm_local" not in w.values
    assert "this rank's shard" in w.descriptions["weight_norm_local"].sentence
    assert len(w.series("loss")) == 2 and w.series(("lr", "0"))


def test_a_broken_hook_is_one_warning(writers, small, train, monkeypatch):
    monkeypatch.setattr(ParameterLayout, "fits", lambda *_: 1 / 0)
    optimizer = torch.optim.AdamW(small.parameters(), lr=0.01)
    with pytest.warns(RuntimeWarning) as caught:
        with watch(small, optimizer) as run:
            losses = train(small, optimizer, run, steps=4)
    said = [str(warning.message) for warning in caught]
    assert ["recording an optimizer step failed" in text for text in said] == [True, False]
    assert "has not stepped for 4 logs" in said[1] and writers[0].series("loss") == list(enumerate(losses, 1))


def test_names_without_wrappers():
    assert clean("module.body._orig_mod.0.weight") == "body.0.weight"
    assert clean("my_module.weight") == "my_module.weight" and clean("a.module.weight") == "a.module.weight"


class Unspeakable:
    def __str__(self):
        raise RuntimeError("no words")


def test_odd_models_and_configurations_do_not_keep_a_run_from_starting(writers, small, monkeypatch):
    lazy = nn.Sequential(nn.LazyLinear(3), nn.Linear(2, 2))
    watch(lazy).finish()
    assert writers[0].run.size["total"] == 6
    watch(config={"x": Unspeakable(), "lr": 0.1}).finish()
    assert writers[1].run.config == {"x": "<Unspeakable: RuntimeError>", "lr": 0.1}
    optimizer = torch.optim.SGD(small.parameters(), lr=0.1)
    monkeypatch.setattr(optimizer, "register_step_pre_hook", lambda hook: 1 / 0)
    with pytest.warns(RuntimeWarning, match="only what run.log says is recorded"):
        run = watch(small, optimizer)
    run.log(loss=1.0)
    run.finish()
    assert writers[2].values["loss"] and writers[2].state == "finished"
    assert not clipping._listeners and not optimizer._optimizer_step_post_hooks, "no hook is left behind"
