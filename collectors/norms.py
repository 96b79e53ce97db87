"""Norms of many tensors at once, without a copy of any of them and without waiting for the device."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

SMALLEST_PIECE = 1 << 14
LARGEST_HOST_PIECE = 1 << 16  # stays in a core's cache


def l2(tensors: Sequence[Tensor]) -> Tensor:
    """Euclidean norm of each tensor, [len(tensors)], in float32 or better: a norm kept in bfloat16 has three digits."""
    return _together(torch._foreach_norm(tensors, 2, dtype=_wide(tensors)), tensors[0].device)


def l1(tensors: Sequence[Tensor], limit: int) -> Tensor:
    """Sum of the absolute values over all tensors, 0-d; scratch of at most about `limit` elements at a time."""
    if tensors[0].device.type != "cpu":
        return _together(torch._foreach_norm(tensors, 1, dtype=_wide(tensors)), tensors[0].device).sum()
    # on the host a one-norm kernel is four times slower than abs and sum on a piece that stays in the cache
    sums = [piece.abs().sum(dtype=_wide(tensors)) for t in tensors for piece in split(t.detach(), limit)]
    return torch.stack(sums).sum()


def largest(tensors: Sequence[Tensor]) -> Tensor:
    """Largest absolute element of each tensor, [len(tensors)]; NaN where a tensor has one, 0 where it is empty."""
    low_high = [torch.aminmax(t) if t.numel() else (t.new_zeros(()),) * 2 for t in tensors]
    ends = torch.stack([torch.stack([low, high]).to(tensors[0].device) for low, high in low_high])
    return ends.abs().amax(dim=1)


def split(tensor: Tensor, limit: int) -> Sequence[Tensor]:
    """Views of `tensor` along its first axis with at most about `limit` elements each: any strides will do."""
    if tensor.numel() <= limit or tensor.dim() == 0:
        return (tensor,)
    return tensor.split(max(1, limit * tensor.shape[0] // tensor.numel()))


def batches(columns: Sequence[Sequence[Tensor]], limit: int) -> Iterator[tuple[list[int], list[list[Tensor]]]]:
    """Cuts parallel lists of tensors into batches of at most about `limit` elements.

    Yields the owners (index of the tensor that each piece is of) and the pieces, one list for each column. Large
    tensors are cut and small ones are put together, so that both memory and the number of calls stay low.
    """
    owners: list[int] = []
    pieces: list[list[Tensor]] = [[] for _ in columns]
    held = 0
    for owner, row in enumerate(zip(*columns, strict=True)):
        for cut in zip(*(split(t, limit) for t in row), strict=True):
            size = cut[0].numel()
            if owners and held + size > limit:
                yield owners, pieces
                owners, pieces, held = [], [[] for _ in columns], 0
            owners.append(owner)
            held += size
            for column, piece in zip(pieces, cut, strict=True):
                column.append(piece)
    if owners:
        yield owners, pieces


def piece_limit(total: int, device: torch.device) -> int:
    """Elements of scratch that a sweep may hold: 1 % of the parameters, and on the host no more than fits the cache."""
    limit = max(SMALLEST_PIECE, total // 100)
    return min(limit, LARGEST_HOST_PIECE) if device.type == "cpu" else limit


def _wide(tensors: Sequence[Tensor]) -> torch.dtype:
    return torch.float64 if any(t.dtype in (torch.float64, torch.complex128) for t in tensors) else torch.float32


def _together(norms: Sequence[Tensor], device: torch.device) -> Tensor:
    return torch.stack([n if n.device == device else n.to(device) for n in norms])
