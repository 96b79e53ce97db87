"""Norms as the optimizer receives them, and as they were before clipping."""

from __future__ import annotations

import pytest
import torch

from barograph.collectors.hooks.clipping import Clip
from barograph.collectors.quantities import gradient_norms
from tests.collectors.one_step import context


def test_received_and_before_clipping():
    step = context(clip=0.5)
    assert gradient_norms.received_norms(step).tolist() == [3, 4]
    assert gradient_norms.unclipped_norms(step).tolist() == pytest.approx([6, 8], rel=1e-5)
    assert float(gradient_norms.global_norm(step)) == float(gradient_norms.norm_from_clipping(step)) == 10


def test_what_a_clipping_by_value_has_hidden_is_not_known():
    step = context()
    step.clips = [Clip(tuple(step.ids), None, 1.0, float("inf"))]
    assert gradient_norms.global_norm(step) is None and gradient_norms.norm_from_clipping(step) is None


def test_a_gradient_scale_is_taken_out():
    step = context()
    step.grad_scale = torch.tensor(2.0)
    assert gradient_norms.received_norms(step).tolist() == [1.5, 2]
