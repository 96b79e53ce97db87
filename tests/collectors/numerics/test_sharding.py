"""What one rank holds of a tensor."""

from __future__ import annotations

import torch

from barograph.collectors.numerics.sharding import is_sharded, local


class Shard(torch.Tensor):
    """Looks like a DTensor that holds the first half."""

    _local_tensor = True

    def to_local(self):
        return self.as_subclass(torch.Tensor)[: len(self) // 2]


def test_local_parts():
    whole = torch.arange(4.0, requires_grad=True)
    assert not is_sharded(whole) and local(whole).tolist() == [0, 1, 2, 3] and not local(whole).requires_grad
    shard = torch.arange(4.0).as_subclass(Shard)
    assert is_sharded(shard) and local(shard).tolist() == [0, 1]
    sparse = torch.sparse_coo_tensor([[1, 1, 3]], [1.0, 2.0, 5.0], (9,))
    assert local(sparse).tolist() == [3, 5]
