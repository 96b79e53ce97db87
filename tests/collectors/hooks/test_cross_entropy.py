"""Output logits are seen where `F.cross_entropy` takes them, in training alone."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from barograph.collectors import watch


def test_training_is_seen_and_evaluation_is_not(writers):
    model = nn.Linear(2, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    with watch(model, optimizer):
        with torch.no_grad():
            F.cross_entropy(100 * model(torch.ones(4, 2)), torch.zeros(4, dtype=torch.long))
        out = model(torch.ones(4, 2))
        F.cross_entropy(out, torch.zeros(4, dtype=torch.long)).backward()
        optimizer.step()
    assert writers[0].values["log_z_mean"][1] == pytest.approx(float(out.logsumexp(-1).mean()), rel=1e-5)
