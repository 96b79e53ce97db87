"""Lengths of a step that is known: SGD's is lr g."""

from __future__ import annotations

import pytest
import torch

from barograph.collectors.measurement import Moment
from barograph.collectors.signals import updates
from tests.collectors.one_step import context, values


@torch.no_grad()
def test_lengths_of_a_step():
    step = context(lr=0.1)
    assert values(updates.norm_by_tensor(step)) == pytest.approx({"a.weight": 0.3, "a.bias": 0.4})
    assert float(updates.ratio(step)) == pytest.approx(0.5 / 5)
    assert values(updates.ratio_by_tensor(step))["a.weight"] == pytest.approx(0.3 / 5)


def test_the_moment_depends_on_the_optimizer():
    p = [torch.nn.Parameter(torch.ones(1))]
    assert updates.moment(torch.optim.SGD(p, lr=0.1)) is Moment.BEFORE
    assert updates.moment(torch.optim.AdamW(p)) is updates.moment(torch.optim.Adagrad(p)) is Moment.AFTER
