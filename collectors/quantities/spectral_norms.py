"""Largest singular values by Lanczos iteration: each look goes on from where the last one has come."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import pad

from ..measurement import Parts
from ..numerics.norms import l2
from ..step_context import StepContext

FIRST, AGAIN = 20, 3  # products with W'W at the first look, and at those after it
SQUARINGS = 14  # of the small matrix whose largest eigenvector is wanted: that finds it without waiting for the device


class SpectralNorms:
    """Of one optimizer's matrices."""

    def __init__(self) -> None:
        self._vectors: dict[int, Tensor] = {}  # by row of the layout: near the first right singular vector
        self._step: int | None = None

    def look(self, context: StepContext) -> tuple[Parts, Tensor] | None:
        """Names of the matrices, [largest singular values, stable ranks, residuals]; None where there is no matrix."""
        if self._step != context.step:
            self._step = context.step
            matrices = {
                row: w for row, w in zip(context.rows, context.weights, strict=True) if w.dim() == 2 and w.numel()
            }
            known = {row: self._directions(row, _wide(w)) for row, w in matrices.items()}
            self._found = None
            if known:
                device = context.layout.device
                weights = _leading([inner.to(device) for _, inner, _ in known.values()])
                pairs = [
                    self._largest(row, _wide(matrices[row]), weight, *found)
                    for weight, (row, found) in zip(weights, known.items(), strict=True)
                ]
                largest, residuals = torch.stack([pair.to(device) for pair in pairs]).unbind(1)
                sizes = l2([w.detach() for w in matrices.values()])
                ranks = (sizes / largest.clamp_min(torch.finfo(largest.dtype).tiny)).square()
                self._found = context.layout.subset(tuple(matrices)), torch.stack([largest, ranks, residuals])
        return self._found

    def _directions(self, row: int, w: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Orthogonal directions [k, n] that W'W makes of the last vector, W'W between them [k, k], and what is left."""
        v, turns = self._vectors.get(row), AGAIN
        if v is None:
            v, turns = torch.randn(w.shape[1], generator=torch.Generator().manual_seed(row)), FIRST
            v = (v / v.norm()).to(w.device, w.dtype)
            self._vectors[row] = v
        known, columns = [], []
        for i in range(turns):
            known.append(v)
            basis = torch.stack(known)
            u = torch.mv(w.T, torch.mv(w, v))
            columns.append(pad(inside := torch.mv(basis, u), (0, turns - i - 1)))
            u = u - torch.mv(basis.T, inside)
            u = u - torch.mv(basis.T, torch.mv(basis, u))  # once more: rounding leaves too much behind at a sharp gap
            left = torch.linalg.vector_norm(u)
            rounding = 10 * torch.finfo(w.dtype).eps * inside.abs().max()
            v = torch.where(left > rounding, u / left, 0.0)
        upper = torch.stack(columns, 1)
        return basis, upper.triu() + upper.triu(1).T, left

    def _largest(self, row: int, w: Tensor, weight: Tensor, basis: Tensor, inner: Tensor, left: Tensor) -> Tensor:
        """[2]: the largest singular value, and |W'W v - theta v| / theta of its vector v and its square theta."""
        weight = weight[: len(basis)].to(w.device)
        best = torch.mv(basis.T, weight)
        length = torch.linalg.vector_norm(best)
        best = torch.where((length > 0) & length.isfinite(), best / length, basis[0])  # one that is NaN may recover
        self._vectors[row] = best
        sigma = torch.linalg.vector_norm(torch.mv(w, best))
        residual = left * weight[-1].abs() / sigma.square()
        return torch.stack([sigma, torch.where(sigma > 0, residual, 0.0)])


def _leading(matrices: list[Tensor]) -> Tensor:
    """Of each small matrix without negative eigenvalues the vector of the largest one, [matrices, size of the largest].

    By squaring: a decomposition would wait for the device.
    """
    most = max(len(one) for one in matrices)
    power = torch.stack([pad(one, (0, most - len(one)) * 2) for one in matrices])
    for _ in range(SQUARINGS):
        power = power / torch.linalg.matrix_norm(power).clamp_min(torch.finfo(power.dtype).tiny)[:, None, None]
        power = power @ power
    at = power.diagonal(dim1=1, dim2=2).argmax(1)
    column = power.gather(2, at[:, None, None].expand(-1, most, 1))[..., 0]
    return column / torch.linalg.vector_norm(column, dim=1, keepdim=True).clamp_min(torch.finfo(column.dtype).tiny)


def _wide(w: Tensor) -> Tensor:
    return w.detach().to(torch.promote_types(w.dtype, torch.float32))  # half precision would overflow
