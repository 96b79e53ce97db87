"""A head that prefers the classes it is learning shows in its predictions and its norms."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from barograph.collectors.evaluation.head_bias import head_bias


def test_a_biased_head_shows_in_its_norms_and_predictions():
    weight = torch.cat([torch.full((8, 4), 0.5), torch.full((2, 4), 1.0)])
    logits = torch.eye(10)[[8, 9, 8, 1]]
    found = head_bias(logits, [8, 9], targets=torch.tensor([0, 9, 2, 1]), weight=weight)
    assert {description.name: float(value) for description, value in found} == {
        "new_class_share": 0.75, "new_class_due": 0.25, "head_gamma": 0.5,
    }  # fmt: skip
    only = {d.name: value for d, value in head_bias(torch.tensor([1, 2]), [2], old=[0], weight=nn.Linear(4, 10))}
    assert "new_class_due" not in only and float(only["new_class_share"]) == 0.5
    for wrong in (torch.ones(2, 3, 4), torch.ones(3)):
        with pytest.raises(ValueError, match="expected class numbers"):
            head_bias(wrong, [1])
    with pytest.raises(ValueError, match="classes of the current task"):
        head_bias(torch.tensor([1]), [])
