"""Element spikes on real text: ordinary training has no lone one, an injected one is found that no norm shows."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from barograph.collectors import watch
from barograph.collectors.demo import ByteTransformer, batch_of, optimizer_of, schedule, source_bytes
from barograph.collectors.hooks.parameter_layout import ParameterLayout
from barograph.collectors.quantities.gradient_spikes import THETA, gradient_spikes
from barograph.collectors.step_context import StepContext

FEW = 8  # peers; an element that stands alone has hardly any
STEPS, AT, TENSOR, ELEMENT = 180, 120, "blocks.1.qkv.weight", (30, 50)


def train(writers, beta2, spike=False):
    torch.manual_seed(0)
    data, draws = source_bytes()[0], torch.Generator().manual_seed(0)
    model = ByteTransformer(64, 2, 4, 64)
    optimizer = optimizer_of(model, 2e-3)
    for group in optimizer.param_groups:
        group["betas"] = (0.9, beta2)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, schedule("wsd", 2000))
    with watch(model, optimizer, preset="full"):
        for step in range(1, (AT if spike else STEPS) + 1):
            optimizer.zero_grad()
            model(*batch_of(data, 8, 64, draws)).backward()
            if spike and step == AT:
                dict(model.named_parameters())[TENSOR].grad[ELEMENT] *= 1000
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
    return writers[-1].values


def lone_spikes(values):
    """[(step, tensor)] of all scores over 5,000 that have few peers."""
    spikes = [(s, k[1]) for k, at in values.items() if k[0] == "grad_spike_max" for s, v in at.items() if v > THETA]
    return [(step, name) for step, name in spikes if values["grad_spike_peers", name][step] <= FEW]


@pytest.mark.parametrize("beta2", [0.95, 0.999])
def test_one_element_of_one_tensor(writers, beta2):
    clean = train(writers, beta2)
    assert ("grad_spike_max", TENSOR) in clean and not lone_spikes(clean)
    values = train(writers, beta2, spike=True)
    assert lone_spikes(values) == [(AT, TENSOR)] and values["grad_spike"][AT] > 1e5
    norms = [norm for step, norm in clean["grad_norm"].items() if step > 20]
    low, high = np.quantile(norms, [0.005, 0.995])
    assert low < values["grad_norm"][AT] < high


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("beta2", [0.95, 0.999])
def test_the_return_of_a_rare_token_is_no_spike(beta2, tied):
    """Rows of which most are absent for hundreds of steps (Zipf); by their own faded v alone they would be spikes."""
    torch.manual_seed(0)
    table, head = nn.Embedding(500, 8), nn.Linear(8, 500)
    model = nn.ModuleList([table, head])
    if tied:
        head.weight = table.weight
    optimizer = torch.optim.AdamW(model.parameters(), betas=(0.9, beta2), lr=1e-3)
    tokens = torch.distributions.Categorical(1 / torch.arange(1, 501.0) ** 1.2)
    layout, largest, faded = ParameterLayout(optimizer, model), 0.0, 0.0
    for step in range(1, 601):
        drawn = tokens.sample((128,))
        optimizer.zero_grad()
        nn.functional.cross_entropy(head(table(drawn)), drawn.roll(1)).backward()
        with torch.no_grad():
            scores = gradient_spikes(StepContext(step, optimizer, layout))
            if scores is not None:
                largest = max(largest, scores.largest.max().item())
                v = optimizer.state[table.weight]["exp_avg_sq"] / (1 - beta2 ** (step - 1))
                ratios = table.weight.grad.square() / (v + 1e-16)
                faded = max(faded, ratios[v > 1e-3 * v.median()].max().item())
        optimizer.step()
    assert largest < THETA < faded
