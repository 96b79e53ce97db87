"""Distance and direction of weights that are moved by hand; so few of them are all in the sample."""

from __future__ import annotations

import pytest
import torch

from barograph.collectors.signals import weight_path
from tests.collectors.one_step import context


def test_distance_and_direction():
    step = context()
    weight = step.layout.params[0]
    assert float(weight_path.distance(step)) == 0 and weight_path.cosine(step) is None
    for move, cosine in ((3.0, None), (-3.0, -1.0)):
        with torch.no_grad():
            weight[0, 0] += move
        step.taken()
        found = weight_path.cosine(step)
        assert cosine is None or float(found) == pytest.approx(cosine)
    with torch.no_grad():
        weight[0] += torch.tensor([3.0, 4.0])
    step.taken()
    assert float(weight_path.distance(step)) == pytest.approx(5)
