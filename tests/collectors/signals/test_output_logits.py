"""Two equal logits of log(8): log Z is log 16, and each class has half of the probability."""

from __future__ import annotations

import math

import pytest
import torch

from barograph.collectors.hooks.forward_statistics import ForwardStatistics
from barograph.collectors.signals import output_logits
from tests.collectors.one_step import context


def test_drift_and_certainty():
    forward = ForwardStatistics(None, lambda: True, lambda what, problem: pytest.fail(f"{what}: {problem!r}"))
    forward.logits(torch.full((3, 2), math.log(8)))
    step = context(forward=forward)
    assert float(output_logits.log_z_largest(step)) == pytest.approx(math.log(16))
    assert float(output_logits.log_z_average(step)) == pytest.approx(math.log(16))
    assert float(output_logits.certainty(step)) == pytest.approx(0.5)
    assert output_logits.certainty(context()) is None
