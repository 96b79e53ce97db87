"""Sizes of gradients that are known by heart."""

from __future__ import annotations

import pytest
import torch

from barograph.collectors.measurement import NotMeasured
from barograph.collectors.signals import gradient_norms as signals
from tests.collectors.one_step import context, values


def test_sizes_before_clipping():
    step = context(clip=0.5)  # the gradients were twice as large
    assert float(signals.norm(step)) == pytest.approx(10)
    assert values(signals.norm_by_tensor(step)) == pytest.approx({"a.weight": 6, "a.bias": 8}, rel=1e-5)
    assert values(signals.norm_by_module(step)) == pytest.approx({"a": 10}, rel=1e-5)
    assert float(signals.l1_norm(step)) == pytest.approx(14, rel=1e-5)
    assert values(signals.largest_element(step)) == pytest.approx({"a.weight": 6, "a.bias": 8}, rel=1e-5)
    assert signals.norm_applied(step) is None and signals.norm_of_embeddings(step) is None


def test_size_against_epsilon():
    step = context(optimizer=lambda ps, lr: torch.optim.AdamW(ps, lr=lr, eps=1e-3))
    expected = {"a.weight": 3 / 2 / 1e-3, "a.bias": 4 / 2**0.5 / 1e-3}
    assert values(signals.rms_to_epsilon(step)) == pytest.approx(expected, rel=1e-5)
    with pytest.raises(NotMeasured, match="SGD has no epsilon"):
        signals.rms_to_epsilon(context())
