"""One step of a model whose gradients and weights are known by heart."""

from __future__ import annotations

import torch
from torch import nn

from barograph.collectors.hooks.clipping import Clip
from barograph.collectors.hooks.parameter_layout import ParameterLayout
from barograph.collectors.step_context import StepContext


def model() -> nn.Module:
    """Weights a.weight = [[1, 2], [2, 4]] (norm 5), a.bias = [0, 0]; gradients [[3, 0], [0, 0]] and [0, 4]."""
    found = nn.ModuleDict({"a": nn.Linear(2, 2)})
    with torch.no_grad():
        found["a"].weight.copy_(torch.tensor([[1.0, 2.0], [2.0, 4.0]]))
        found["a"].bias.zero_()
    found["a"].weight.grad = torch.tensor([[3.0, 0.0], [0.0, 0.0]])
    found["a"].bias.grad = torch.tensor([0.0, 4.0])
    return found


def context(step: int = 1, clip: float | None = None, optimizer=torch.optim.SGD, lr: float = 0.1, **how) -> StepContext:
    """Before its step: |g| = 5. With `clip` as `clip_grad_norm_` leaves it: from a larger gradient."""
    net = model()
    made = optimizer(net.parameters(), lr=lr)
    layout = ParameterLayout(made, net)
    clips = [Clip(tuple(map(id, net.parameters())), torch.tensor(5.0 / clip), 5.0)] if clip else []
    return StepContext(step, made, layout, clips, **how)


def values(measured) -> dict:
    parts, found = measured
    return dict(zip(parts, torch.as_tensor(found).tolist(), strict=True))
