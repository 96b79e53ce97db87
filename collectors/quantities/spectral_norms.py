"""Largest singular values by power iteration: each look goes on from where the last one has come."""

from __future__ import annotations

import torch
from torch import Tensor

from ..measurement import Parts
from ..numerics.norms import l2
from ..step_context import StepContext

FIRST, AGAIN = 20, 3  # iterations of the first look, and of those after it


class SpectralNorms:
    """Of one optimizer's matrices."""

    def __init__(self) -> None:
        self._vectors: dict[int, Tensor] = {}  # by row of the layout: near the first right singular vector
        self._step: int | None = None

    def look(self, context: StepContext) -> tuple[Parts, Tensor, Tensor] | None:
        """Names of the matrices, largest singular values, stable ranks; None where there is no matrix."""
        if self._step != context.step:
            self._step = context.step
            matrices = {
                row: w for row, w in zip(context.rows, context.weights, strict=True) if w.dim() == 2 and w.numel()
            }
            found = [self._largest(row, _wide(w)) for row, w in matrices.items()]
            self._found = None
            if found:
                largest = torch.stack([sigma.to(context.layout.device) for sigma in found])
                sizes = l2([w.detach() for w in matrices.values()])
                ranks = (sizes / largest.clamp_min(torch.finfo(largest.dtype).tiny)).square()
                self._found = context.layout.subset(tuple(matrices)), largest, ranks
        return self._found

    def _largest(self, row: int, w: Tensor) -> Tensor:
        v, turns = self._vectors.get(row), AGAIN
        if v is None:
            v, turns = torch.randn(w.shape[1], generator=torch.Generator().manual_seed(row)), FIRST
            v = (v / v.norm()).to(w.device, w.dtype)
        for _ in range(turns):
            u = torch.mv(w.T, torch.mv(w, v))
            length = torch.linalg.vector_norm(u)
            v = torch.where((length > 0) & length.isfinite(), u / length, v)  # one that is 0 or NaN may recover
        self._vectors[row] = v
        return torch.linalg.vector_norm(torch.mv(w, v))


def _wide(w: Tensor) -> Tensor:
    return w.detach().to(torch.promote_types(w.dtype, torch.float32))  # half precision would overflow
