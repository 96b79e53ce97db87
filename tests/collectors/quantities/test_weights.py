"""Quantities of the weights are computed once before the step and once after it."""

from __future__ import annotations

import pytest
import torch

from barograph.collectors.quantities.weights import sampled_weights, weight_norms
from tests.collectors.one_step import context


def test_before_and_after_the_step():
    step = context()
    before = weight_norms(step)
    assert before.tolist() == [5, 0] and weight_norms(step) is before
    with torch.no_grad():
        step.params[0] *= 2
    assert weight_norms(step) is before and sorted(sampled_weights(step).tolist()) == [0, 0, 2, 4, 4, 8]
    step.taken()
    assert weight_norms(step).tolist() == pytest.approx([10, 0])
