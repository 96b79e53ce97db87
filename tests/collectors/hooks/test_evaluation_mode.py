"""Training comes back exactly as it was."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch
from torch import nn

from barograph.collectors.hooks.evaluation_mode import evaluation_mode


def test_modes_and_random_states_are_restored_even_after_an_error():
    model = nn.Sequential(nn.Dropout(), nn.BatchNorm1d(2))
    model[1].eval()  # frozen
    own = torch.Generator().manual_seed(1)
    before = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy(), own.get_state()
    with pytest.raises(KeyError):
        with evaluation_mode(model, [own]):
            assert not model.training and not torch.is_grad_enabled()
            torch.rand(1), random.random(), np.random.rand(), torch.rand(1, generator=own)
            raise KeyError
    assert model.training and model[0].training and not model[1].training and torch.is_grad_enabled()
    assert torch.equal(before[0], torch.get_rng_state()) and before[1] == random.getstate()
    assert (before[2] == np.random.get_state()[1]).all() and torch.equal(before[3], own.get_state())
