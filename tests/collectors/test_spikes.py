"""Element spikes: equal to a slow oracle, found where they are, and silent on ordinary text."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch import nn

from collectors import watch
from collectors.demo import ByteTransformer, batch_of, optimizer_of, source_bytes
from collectors.layout import Layout
from collectors.seen import Seen
from collectors.spikes import THETA
from collectors.usual import BURN_IN

LONE = 8  # peers


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
    with watch(model, optimizer):
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
