"""What one rank holds of a tensor."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor


def is_sharded(tensor: Tensor) -> bool:
    """Whether this rank holds a part of the tensor only (DTensor, a flat parameter of fully sharded training)."""
    return hasattr(tensor, "_local_tensor") or type(tensor).__name__ == "FlatParameter"


def local(tensor: Tensor) -> Tensor:
    """What this rank holds of a tensor, dense, detached."""
    tensor = tensor.detach()
    held: Any = tensor
    tensor = held.to_local() if hasattr(tensor, "_local_tensor") else tensor
    return tensor.coalesce().values() if tensor.is_sparse else tensor


def replicas(tensor: Tensor) -> float:
    """How many ranks hold the same elements as this one: all of them, of a tensor that is not sharded."""
    world = torch.distributed.get_world_size()
    mesh: Any = getattr(tensor, "device_mesh", None)
    if mesh is None:
        return 1.0 if type(tensor).__name__ == "FlatParameter" else float(world)
    placements: Any = getattr(tensor, "placements", ())
    sizes = [mesh.size(dim) for dim, placement in enumerate(placements) if not placement.is_replicate()]
    return world / math.prod(sizes)
