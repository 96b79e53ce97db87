"""Sizes of activations and dead units: against hooks put on by hand, and what becomes of the hooks."""

from __future__ import annotations

import copy
import pickle

import pytest
import torch
from torch import nn
from torch.nn.modules.module import _global_forward_hooks, _global_forward_pre_hooks

from barograph.collectors import watch
from barograph.collectors.hooks.activation_statistics import DEAD, blocks
from tests.collectors.attending import Attending
from tests.collectors.attending import train as train_attending


@pytest.fixture(autouse=True)
def _no_hook_before_and_after():
    assert not hooked()
    yield
    assert not hooked()


def hooked():
    return bool(_global_forward_hooks or _global_forward_pre_hooks)


class Dying(nn.Module):
    """Blocks whose ReLU never wakes a known share of the units, and which may pass no tensor alone."""

    def __init__(self, width=8, dead=(2, 5)):
        super().__init__()
        self.blocks = nn.ModuleList(Block(width, n) for n in dead)
        self.head = nn.Linear(width, 3)

    def forward(self, x):
        for block in self.blocks:
            x, _ = block(x)
        return self.head(x)


class Block(nn.Module):
    def __init__(self, width, dead):
        super().__init__()
        self.up, self.down = nn.Linear(width, 10), nn.Linear(10, width)
        with torch.no_grad():
            self.up.bias[:dead] = -1e4

    def forward(self, x):
        return x + self.down(self.up(x).relu()), "more"


def by_hand(model, kept):
    """Hooks that copy everything: outputs of blocks, inputs of linear layers."""
    for name, module in blocks(model).items():
        module.register_forward_hook(
            lambda m, given, out, name=name: kept.setdefault(("out", name), []).append(copy_of(out))
        )
    for name, module in model.named_modules():
        if isinstance(module, nn.Linear):
            module.register_forward_pre_hook(
                lambda m, given, name=name: kept.setdefault(("in", name), []).append(copy_of(given))
            )


def copy_of(out):
    return (out[0] if isinstance(out, tuple) else out).detach().double().clone()


def rms(x):
    return float(x.square().mean().sqrt())


@pytest.mark.parametrize("passes", [1, 3])
def test_as_seen_by_hand(writers, passes):
    torch.manual_seed(0)
    model, kept = Dying(), {}
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    by_hand(model, kept)
    with watch(model, optimizer, preset="full"):
        for _ in range(2):
            kept.clear()
            for scale in range(1, passes + 1):
                model(scale * torch.randn(4, 5, 8)).square().mean().backward()
            optimizer.step()
            with torch.no_grad():
                model(100 * torch.randn(4, 5, 8))  # an evaluation: not told of
    values = writers[0].values
    for name in ("blocks.0", "blocks.1"):
        expected = rms(torch.stack(kept["out", name][:passes]))
        assert values["activation_rms", name] == {2: pytest.approx(expected, rel=1e-5)}
    for name in ("blocks.0.up", "blocks.0.down", "blocks.1.up", "blocks.1.down", "head"):
        x = torch.stack(kept["in", name][:passes])
        dead = (x.flatten(0, -2).abs().amax(dim=0) <= DEAD * rms(x)).double().mean()
        assert values["dead_units", name] == {2: pytest.approx(float(dead))}
    assert values["dead_units", "blocks.0.down"][2] >= 0.2 and values["dead_units", "blocks.1.down"][2] >= 0.5


@pytest.mark.parametrize("kind", ["reentrant", "not reentrant"])
def test_what_is_computed_again_changes_nothing(writers, kind):
    for checkpointed in ("", kind):
        torch.manual_seed(0)
        model = Attending(checkpointed=checkpointed)
        with watch(model, optimizer := torch.optim.SGD(model.parameters(), lr=0.1), preset="full") as run:
            train_attending(model, run, steps=2, batches=2, optimizer=optimizer)
    for what in ("activation_rms", "dead_units"):
        plain, again = ({k: v[2] for k, v in w.values.items() if k[0] == what} for w in writers)
        assert again == pytest.approx(plain, rel=1e-6) and len(plain) in (2, 3)


def test_hooks_are_there_for_one_step_in_a_hundred(writers, small, train):
    optimizer = torch.optim.SGD(small.parameters(), lr=0.1)
    seen = []
    with watch(small, optimizer, preset="full") as run:
        for step in range(1, 204):
            seen += [step] if hooked() else []
            train(small, optimizer, run, steps=1)
    assert seen == [2, 101, 201]
    assert [at for at, _ in writers[0].series(("dead_units", "head"))] == [2, 101, 201]
    assert [at for at, _ in writers[0].series(("activation_rms", "body.4"))] == [2, 101, 201]


def test_a_model_that_is_saved_or_copied_meanwhile_takes_none_with_it(writers, small, train):
    optimizer = torch.optim.SGD(small.parameters(), lr=0.1)
    with watch(small, optimizer, preset="full") as run:
        train(small, optimizer, run, steps=1)
        assert hooked()
        twin = copy.deepcopy(small)
        twin(torch.arange(11)).sum().backward()  # not the model that is watched
        assert b"barograph.collectors.hooks.activation_statistics" not in pickle.dumps(small)
        train(small, optimizer, run, steps=1)
    assert len(writers[0].series(("activation_rms", "body.4"))) == 1


def test_steps_that_go_back_leave_no_hook_on(writers, small, train):
    optimizer = torch.optim.SGD(small.parameters(), lr=0.1)
    with watch(small, optimizer, preset="full") as run:
        train(small, optimizer, run, steps=100)
        run.log(loss=1.0, step=20)
        train(small, optimizer, run, steps=81)
        assert run.step == 101 and not hooked()
    assert {at for at, _ in writers[0].series(("activation_rms", "body.4"))} == {2, 101}


def test_a_run_that_ends_or_fails_takes_its_hooks_along(writers, small, train, monkeypatch, recwarn):
    optimizer = torch.optim.SGD(small.parameters(), lr=0.1)
    run = watch(small, optimizer, preset="full")
    train(small, optimizer, run, steps=1)
    assert hooked()
    run.finish()
    assert not hooked()
    monkeypatch.setattr("barograph.collectors.hooks.activation_statistics._mean_square", lambda x: 1 / 0)
    with watch(small, optimizer, preset="full") as run:
        train(small, optimizer, run, steps=3)
    assert not [k for k in writers[1].values if k[0] in ("activation_rms", "dead_units")]
    assert [str(w.message).split(" is off")[0].split()[-1] for w in recwarn] == ["activation_rms", "dead_units"]
    assert len(writers[1].series("grad_norm")) == 3


def test_without_a_model_it_is_said(writers):
    p = nn.Parameter(torch.ones(3))
    optimizer = torch.optim.SGD([p], lr=0.1)
    with watch(None, optimizer, preset="full"):
        p.sum().backward()
        optimizer.step()
    said = [e.text for e in writers[0].events if "was given no model" in e.text]
    assert {name for s in said for name in s.partition(":")[0].split(", ")} == {"activation_rms", "dead_units"}


@pytest.mark.parametrize("build", ["sequential", "list in dict", "experts", "wrapped", "plain"])
def test_what_a_block_is(build):
    layer = nn.Linear(2, 2)
    experts = nn.ModuleDict({"experts": nn.ModuleList([copy.deepcopy(layer) for _ in range(3)])})
    models = {
        "sequential": (nn.Sequential(layer, nn.ReLU()), ["0", "1"]),
        "list in dict": (nn.ModuleDict({"h": nn.ModuleList([layer]), "ln": nn.LayerNorm(2)}), ["h.0"]),
        "experts": (nn.ModuleDict({"blocks": nn.ModuleList([experts])}), ["blocks.0"]),
        "wrapped": (nn.ModuleDict({"module": nn.Sequential(layer)}), ["0"]),
        "plain": (nn.ModuleDict({"one": layer, "two": nn.ReLU()}), ["one", "two"]),
    }
    model, names = models[build]
    assert list(blocks(model)) == names
