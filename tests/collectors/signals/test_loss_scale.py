"""The factor of a gradient scaler, read without waiting."""

from __future__ import annotations

from types import SimpleNamespace

import torch

from barograph.collectors.signals import loss_scale
from tests.collectors.one_step import context


def test_the_factor_of_the_scaler():
    assert loss_scale.factor(context()) is None
    scaler = SimpleNamespace(_scale=torch.tensor([1024.0]))
    found = loss_scale.factor(context(scaler=scaler))
    scaler._scale.zero_()
    assert float(found) == 1024.0 and loss_scale.factor(context(scaler=SimpleNamespace(_scale=None))) is None
