"""A rank's own work, apart from waiting for others."""

from __future__ import annotations

import pytest
import torch

from barograph.collectors.distributed import own_work


def test_waiting_is_told_from_working():
    def times(*rows):
        return own_work.without_waiting(torch.tensor(rows, dtype=torch.float64)).tolist()

    assert times((1.0, 0.2), (1.0, 0.7), (1.0, 0.2)) == pytest.approx([0.5, 1.0, 0.5])  # they meet in each step
    assert times((0.5, 0.2), (1.0, 0.7)) == pytest.approx([0.5, 1.0])  # they never meet
    assert times((1.0, 0.2), (1.0, 0.2)) == [1.0, 1.0]


def test_torch_has_its_own_backward_again():
    before = torch.autograd.backward
    work = own_work.OwnWork()
    x = torch.ones(2, requires_grad=True)
    x.sum().backward()
    assert x.grad.tolist() == [1, 1] and work.lap() > 0
    work.close()
    assert torch.autograd.backward is before
