"""Element spikes: equal to a slow oracle, found where they are, and silent on ordinary text."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch import nn

from barograph.collectors import watch
from barograph.collectors.hooks.parameter_layout import ParameterLayout
from barograph.collectors.numerics import norms
from barograph.collectors.quantities.gradient_baseline import BURN_IN
from barograph.collectors.quantities.gradient_spikes import THETA, gradient_spikes
from barograph.collectors.step_context import StepContext


def oracle(v, g, t, beta2, eps, scale=1.0):
    """Scores of a tensor in double precision, one element after the other."""
    median = sorted(v.flatten().tolist())[(v.numel() - 1) // 2]
    scores = []
    for a, b in zip(v.flatten().tolist(), g.flatten().tolist(), strict=True):
        counts = a >= 1e-3 * median and a > 0
        scores.append((b / scale) ** 2 / (a / (1 - beta2**t) + eps**2) if counts else 0.0)
    return scores


KINDS = {
    "adamw": lambda ps: torch.optim.AdamW(ps, lr=0.01),
    "adamw foreach, amsgrad": lambda ps: torch.optim.AdamW(ps, lr=0.01, foreach=True, amsgrad=True),
    "adamw fused": lambda ps: torch.optim.AdamW(ps, lr=0.01, fused=True, betas=(0.9, 0.95)),
    "adam, large eps": lambda ps: torch.optim.Adam(ps, lr=0.01, weight_decay=0.1, eps=0.03),
    "groups": lambda ps: torch.optim.AdamW([{"params": ps[:2], "betas": (0.9, 0.9)}, {"params": ps[2:], "eps": 1e-3}]),
}


@pytest.mark.parametrize("clip", [None, 0.5])
@pytest.mark.parametrize("kind", KINDS)
def test_scores_are_those_of_an_oracle(writers, kind, clip):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(7, 9), nn.Tanh(), nn.Linear(9, 5)).double()
    with torch.no_grad():
        model[0].weight[:, 3] *= 1e-6
    optimizer = KINDS[kind](list(model.parameters()))
    named, expected = dict(model.named_parameters()), {}
    with watch(model, optimizer, preset="full"):
        for step in range(1, 41):
            optimizer.zero_grad()
            x = torch.randn(4, 7).double()
            x[:, 2] *= 1e-6  # elements that count for nothing
            model(x).square().sum().backward()
            if step in (25, 30):
                model[0].weight.grad[4, 5] = 1000 * model[0].weight.grad.square().mean().sqrt()
                model[0].weight.grad[1, 2] = 1.0  # one that has been still
            if clip:
                nn.utils.clip_grad_norm_(model.parameters(), clip)
            for group in optimizer.param_groups:
                for p in group["params"]:
                    if step > BURN_IN:
                        name = next(n for n, q in named.items() if q is p)
                        v, eps, beta2 = optimizer.state[p]["exp_avg_sq"], group["eps"], group["betas"][1]
                        expected[step, name] = oracle(v, p.grad, step - 1, beta2, eps)
            optimizer.step()
    w, peers = writers[0], {}
    assert w.values[("grad_spike_max", "0.weight")].keys() == set(range(BURN_IN + 1, 41))
    for (step, name), scores in expected.items():
        top = max(scores)
        assert w.values[("grad_spike_max", name)][step] == pytest.approx(top, rel=1e-5)
        if step % 10 == 0 or any(max(expected[step, n]) > THETA for n in named):
            share = np.mean(np.array(scores) > THETA)
            assert w.values[("grad_spike_share", name)][step] == pytest.approx(share)
        if top > THETA:
            peers[step, name] = sum(score >= 0.1 * top for score in scores)
            assert w.values[("grad_spike_peers", name)][step] == peers[step, name]
    for step in range(BURN_IN + 1, 41):
        assert w.values["grad_spike"][step] == pytest.approx(max(max(expected[step, n]) for n in named), rel=1e-5)
    if kind != "adam, large eps" and not clip:  # 128 elements: clipping takes nearly all of a spike away
        assert peers[25, "0.weight"] == 1


def looks(model, optimizer, steps, gradients, begin=1):
    """{step: scores} of a loop whose gradients are given: `gradients(step)` sets them."""
    layout, found = ParameterLayout(optimizer, model), {}
    for step in range(begin, begin + steps):
        gradients(step)
        with torch.no_grad():
            found[step] = gradient_spikes(StepContext(step, optimizer, layout))
        optimizer.step()
    return found


def test_large_tensors_in_pieces_and_half_precision(monkeypatch):
    """Cut into pieces of 64 elements, kept in bfloat16: the same scores, shares and peers."""
    monkeypatch.setattr(norms, "FLOOR", 64)
    torch.manual_seed(0)
    model = nn.Linear(30, 20).bfloat16()
    optimizer = torch.optim.AdamW(model.parameters())
    before = {}

    def gradients(step):
        for p in model.parameters():
            p.grad = torch.randn_like(p)
        if step == 31:
            model.weight.grad[3, 3], model.weight.grad[17, 1], model.weight.grad[18, 2] = 2000, 1500, 200
            before.update(v=optimizer.state[model.weight]["exp_avg_sq"].clone(), g=model.weight.grad.clone())

    found = looks(model, optimizer, 31, gradients)[31]
    scores = oracle(before["v"], before["g"], 30, 0.999, 1e-8)
    assert found.names == ("weight", "bias") and found.largest[0].item() == pytest.approx(max(scores), rel=1e-4)
    assert found.shares[0].item() == pytest.approx(3 / 600) and found.shares[1] == 0
    assert found.peers[0] == ("weight",) and found.peers[1].tolist() == [2]


def test_nothing_is_said_until_something_is_usual():
    """At the start, after a reset and after load_state_dict; a tensor that comes later has a start of its own."""
    model = nn.ModuleList([nn.Linear(4, 3, bias=False), nn.Linear(4, 3, bias=False)])
    optimizer = torch.optim.AdamW(model.parameters())

    def gradients(step):
        model[0].weight.grad = torch.randn(3, 4)
        model[1].weight.grad = torch.randn(3, 4) if step > 30 else None
        if step == 60:
            optimizer.load_state_dict(copy.deepcopy(optimizer.state_dict()))
        if step == 90:
            optimizer.state.clear()
        if step == 120:
            for state in optimizer.state.values():
                state["step"].zero_(), state["exp_avg_sq"].zero_()

    found = looks(model, optimizer, 150, gradients)
    said = {name: [s for s, f in found.items() if f and name in f.names] for name in ("0.weight", "1.weight")}
    later = [*range(79, 90), *range(110, 120), *range(140, 151)]
    assert said["0.weight"] == [*range(21, 60), *later]
    assert said["1.weight"] == [*range(51, 60), *later]
    assert all(f.largest.isfinite().all() for f in found.values() if f)


def test_the_scale_of_mixed_precision_is_taken_out():
    """The fused step is given scaled gradients and unscales them itself."""
    scores = []
    for scale in (1.0, 1024.0):
        torch.manual_seed(0)
        model = nn.Sequential(nn.Embedding(6, 3), nn.Linear(3, 3))
        optimizer = torch.optim.AdamW(model.parameters(), fused=True)
        optimizer.grad_scale, optimizer.found_inf = torch.tensor(scale), torch.zeros(())

        def gradients(step, model=model, scale=scale):
            for p in model.parameters():
                p.grad = torch.randn_like(p) * scale * (1e4 if step == 40 else 1)

        found = looks(model, optimizer, 40, gradients)
        scores.append(torch.stack([found[s].largest for s in (30, 40)]))
        assert found[40].shares.min() > 0.9
    assert torch.allclose(*scores, rtol=1e-4)


def test_a_device_is_not_waited_for(monkeypatch):
    """On a device that cannot be read the floors are those that have landed."""
    model = nn.Linear(4, 3, device="meta")
    optimizer = torch.optim.AdamW(model.parameters())
    monkeypatch.setattr(
        "barograph.collectors.recording.host_copy.start_copy", lambda flat, device: (None, torch.full(flat.shape, 99.0))
    )

    def gradients(step):
        for p in model.parameters():
            p.grad = torch.ones_like(p)

    found = looks(model, optimizer, 30, gradients)
    assert found[19] is None and found[30].largest.shape == found[30].shares.shape == found[30].peers[1].shape == (2,)
    assert found[30].largest.device.type == "meta"
