"""Activations of the step after the one that asked for them."""

from __future__ import annotations

import pytest
import torch

from barograph.collectors.signals import activations
from tests.collectors.one_step import context, values


def test_sizes_and_dead_units():
    step = context(step=1)
    assert activations.size(step) is None and activations.dead(step) is None
    layer = step.layout.model["a"]
    layer(torch.tensor([[1.0, 0.0]]))  # the second unit is dead; out comes [1, 2]
    step.step = 2
    assert values(activations.size(step)) == pytest.approx({"a": 2.5**0.5})
    assert values(activations.dead(step)) == {"a": 0.5}
    step.layout.close()
