"""Norms of weights that are known by heart."""

from __future__ import annotations

import pytest

from barograph.collectors.signals import weight_norms
from tests.collectors.one_step import context, values


def test_norms_of_the_weights():
    assert float(weight_norms.norm(context())) == pytest.approx(5)
    assert values(weight_norms.norm_by_tensor(context())) == pytest.approx({"a.weight": 5, "a.bias": 0})
