"""Cosines between the gradients of domains."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from barograph.collectors import watch
from barograph.collectors.numerics.gradient_alignment import alignment


def test_gradients_that_agree_and_those_that_do_not(writers, small):
    w = nn.Parameter(torch.tensor([1.0, 2.0]))
    losses = {"a": (w * torch.tensor([1.0, 0.0])).sum(), "b": (w * torch.tensor([-1.0, 1.0])).sum(), "c": 2 * w[0]}
    names, cosines = alignment(losses, [w])
    assert names == ("a", "b", "c") and w.grad is None
    half = -(0.5**0.5)
    assert torch.allclose(cosines, torch.tensor([[1, half, 1], [half, 1, half], [1, half, 1]]))
    sum(losses.values()).backward()  # training goes on with the same graph
    with pytest.raises(ValueError, match="two or more"):
        alignment({"a": losses["a"]}, [w])
    optimizer = torch.optim.SGD(small.parameters(), lr=0.1)
    with watch(small, optimizer) as run:
        run.alignment({"x": small.loss(), "y": small.loss()})
        run.predictions(torch.tensor([0, 1]), [1], weight=small.head)
    ((step, cosine),) = writers[0].series(("grad_alignment", "x", "y"))
    assert step == 0 and -1 <= cosine <= 1 and writers[0].series("new_class_share") == [(0, 0.5)]
