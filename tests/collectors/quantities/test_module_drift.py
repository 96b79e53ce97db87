"""How far modules have moved since their task began."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from barograph.collectors import watch
from barograph.collectors.hooks.parameter_layout import ParameterLayout
from barograph.collectors.quantities.module_drift import ModuleDrift, layers_of
from barograph.collectors.step_context import StepContext


class Tower(nn.Module):
    """Six layers with fused attention projections, wide enough that only a sample is looked at."""

    def __init__(self):
        super().__init__()
        layers = [nn.ModuleDict({"qkv": nn.Linear(32, 96), "norm": nn.LayerNorm(32)}) for _ in range(6)]
        self.blocks, self.out = nn.ModuleList(layers), nn.Linear(32, 4)


def test_drift_is_relative_and_estimated_per_module():
    torch.manual_seed(0)
    model = Tower()
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    layout = ParameterLayout(optimizer, model)
    seen = [StepContext(step, optimizer, layout) for step in (1, 11)]
    drift = ModuleDrift()
    drift.begin(layout)
    assert drift.per_step(seen[0]) is None and not drift.since(seen[0]).any()
    with torch.no_grad():
        for at, block in enumerate(model.blocks):
            block["qkv"].weight[:32] *= 1.5  # queries
            block["norm"].weight += 0.1 * (6 - at)
    change = dict(zip(drift.modules, drift.since(seen[1]).tolist(), strict=True))
    assert 0.3 < change["blocks.0.qkv.q"] < 0.5 and change["blocks.0.qkv.k"] == change["blocks.5.qkv.v"] == 0
    assert change["blocks.0.norm"] == pytest.approx(0.6, rel=1e-4) and change["out"] == 0
    steps = dict(zip(drift.modules, drift.per_step(seen[1]).tolist(), strict=True))
    assert steps["blocks.3.norm"] == pytest.approx(0.3 / 2 / 10, rel=1e-4)  # weights by .3, biases by nothing
    assert float(drift.bottom_to_top(seen[1])) > 1.35
    drift.begin(layout)
    assert not drift.since(seen[1]).any()


def test_layers_are_found_by_their_numbers():
    assert layers_of(["emb", "h.10.a", "h.2.a", "h.2.b", "stem.0", "head"]) == [[2, 3], [1]]
    assert layers_of(["a", "b"]) == []


def test_modules_drift_from_where_their_task_began(writers, small, train):
    optimizer = torch.optim.AdamW(small.parameters(), lr=0.05)
    with watch(small, optimizer, preset="full") as run:
        train(small, optimizer, run, steps=20)
        run.begin_task("second")
        train(small, optimizer, run, steps=10)
    drift = dict(writers[0].series(("module_drift", "head"))) or dict(writers[0].series(("module_drift", "table")))
    assert 0 < drift[30] < drift[20]
    assert len(writers[0].series(("module_change", "body.0"))) >= 2
