"""Norms of many tensors at once, against torch's own of each."""

from __future__ import annotations

import math

import torch

from barograph.collectors.numerics.norms import Scratch, l1, l2, largest

TENSORS = [torch.tensor([[3.0, -4.0]]), torch.tensor([-12.0]), torch.zeros(0)]


def test_norms():
    assert l2(TENSORS).tolist() == [5, 12, 0]
    assert float(l1(TENSORS[:2], Scratch(3, torch.device("cpu")))) == 19
    assert largest(TENSORS).tolist() == [4, 12, 0]
    assert math.isnan(largest([torch.tensor([1.0, math.nan])])[0])


def test_large_tensors_are_cut_and_small_ones_put_together():
    scratch = Scratch(0, torch.device("cpu"))
    scratch.limit = 8
    tensors = [torch.arange(20.0).reshape(10, 2), torch.ones(3), torch.ones(2)]
    batches = scratch.batches(tensors)
    pieces = [piece for batch in batches for piece in batch.of(tensors)]
    assert sum(piece.numel() for piece in pieces) == 25 and max(batch.all_first.numel() for batch in batches) <= 8
    assert scratch.batches([t.clone() for t in tensors]) is batches, "kept for tensors of the same shapes"
    assert all(a.shape == b.shape for batch in batches for a, b in zip(batch.of(tensors), batch.first, strict=True))
