"""Distances and directions of the weights from a sample: exact where all of them are in it."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn
from torch.nn.utils import parameters_to_vector

from barograph.collectors import watch
from barograph.collectors.numerics.weight_sample import SIZE, WeightSample


def ways(model, optimizer, run, steps, train):
    """The weights after each step, [steps + 1, elements]; as many of them as are trained."""
    trained = [p for p in model.parameters() if p.requires_grad]
    at = [parameters_to_vector(trained).detach().double()]
    train(model, optimizer, run, steps=steps, each=lambda _: at.append(parameters_to_vector(trained).detach().double()))
    return torch.stack(at)


def cosine(a, b):
    return float(nn.functional.cosine_similarity(a, b, dim=0))


@pytest.mark.parametrize("preset", ["standard", "full"])
def test_a_small_model_is_told_exactly_and_ways_of_ten_steps_are_looked_at(writers, small, train, preset):
    optimizer = torch.optim.AdamW(small.parameters(), lr=0.01)
    with watch(small, optimizer, preset=preset) as run:
        w = ways(small, optimizer, run, 40, train)
    values, looks = writers[0].values, [0, 1, 10, 20, 30, 40]
    assert list(values["init_distance"]) == looks[1:] and 1 not in values["update_cosine"]
    for step in looks[1:]:
        assert values["init_distance"][step] == pytest.approx(float((w[step] - w[0]).norm()), rel=1e-4)
    for a, b, c in zip(looks, looks[1:], looks[2:], strict=False):
        assert values["update_cosine"][c] == pytest.approx(cosine(w[c] - w[b], w[b] - w[a]), abs=1e-3)


def test_a_large_model_is_estimated_without_bias():
    """Tensors of very different sizes and steps; sampled errors as large as the sample says, over many models."""
    truth, told = [], []
    for seed in range(60):
        torch.manual_seed(seed)
        begin = [torch.randn(300, 400), torch.randn(50, 30, dtype=torch.bfloat16), torch.randn(7), torch.empty(0, 3)]
        sample = WeightSample(begin, torch.device("cpu"))
        moves = [0.1 * torch.randn(300, 400) + 0.01, torch.randn(50, 30).bfloat16(), 5 * torch.randn(7), begin[3]]
        now = [b + m for b, m in zip(begin, moves, strict=True)]
        exact = sum(float((n.double() - b.double()).square().sum()) for n, b in zip(now, begin, strict=True))
        truth.append(math.sqrt(exact))
        told.append(float(sample.distance(sample.of(now))))
    ratios = torch.tensor(told) / torch.tensor(truth)
    assert abs(float(ratios.mean()) - 1) < 3 * float(ratios.std()) / 60**0.5 + 1e-3
    assert float(ratios.std()) < 0.15
    assert sum(len(at) for at in sample._coordinates) == pytest.approx(SIZE, rel=0.01)


def test_directions_of_a_large_model():
    torch.manual_seed(0)
    w = [torch.randn(1000, 300), torch.randn(300)]
    sample = WeightSample(w, torch.device("cpu"))
    way = [torch.randn_like(t) for t in w]
    found = []
    for mix in (1.0, 1.0, -1.0, 0.5):  # each way: so much of the same direction, the rest new
        new = [mix * s + math.sqrt(1 - mix * mix) * torch.randn_like(s) for s in way]
        w = [t + 0.01 * n for t, n in zip(w, new, strict=True)]
        way = new
        found.append(sample.turn(sample.of(w)))
    assert found[0] is None
    assert [float(c) for c in found[1:]] == pytest.approx([1.0, -1.0, 0.5], abs=3 / SIZE**0.5)


def test_an_oscillation_and_no_movement():
    w = [torch.zeros(10)]
    sample = WeightSample(w, torch.device("cpu"))
    turns = [sample.turn(sample.of([torch.full((10,), x)])) for x in (1.0, 0.0, 1.0, 1.0, 1.0)]
    assert [t if t is None else float(t) for t in turns] == pytest.approx([None, -1.0, -1.0, 0.0, 0.0])


def test_a_tensor_that_cannot_be_sampled_costs_these_signals_only(writers, small, train, monkeypatch, recwarn):
    monkeypatch.setattr("barograph.collectors.hooks.parameter_layout.WeightSample", lambda *_: 1 / 0)
    optimizer = torch.optim.AdamW(small.parameters())
    with watch(small, optimizer) as run:
        train(small, optimizer, run, steps=2)
    off = sorted(str(w.message).split(" is off")[0] for w in recwarn)
    assert off == ["Barograph: signal init_distance", "Barograph: signal update_cosine"]
    assert len(writers[0].series("weight_norm")) == 1
