"""Norms of many tensors at once, without a whole copy of any of them and without waiting for the device."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

FLOOR = 1 << 16


def l2(tensors: Sequence[Tensor]) -> Tensor:
    """Euclidean norm of each tensor, [len(tensors)], in float32 or better: a norm kept in bfloat16 has three digits."""
    return _together(torch._foreach_norm(tensors, 2, dtype=_wide(tensors)), tensors[0].device)


def l1(tensors: Sequence[Tensor], scratch: Scratch) -> Tensor:
    """Sum of the absolute values over all tensors, 0-d."""
    if tensors[0].device.type != "cpu":
        return _together(torch._foreach_norm(tensors, 1, dtype=_wide(tensors)), tensors[0].device).sum()
    sums = []  # on the host the one-norm's own kernel is slower than abs and sum in the cache
    for _, (pieces,), room in scratch.batches([tensors]):
        torch._foreach_copy_(room.first, pieces)
        sums.append(room.filled.abs_().sum())
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


class Room(NamedTuple):
    """Scratch for one batch: two tensors like each piece; `filled` is all that `first` covers."""

    first: list[Tensor]
    second: list[Tensor]
    filled: Tensor


class Scratch:
    """Memory for sweeps over many tensors, piece by piece, kept between sweeps: fresh memory costs more than the sums.

    It holds 1 % of the parameters at a time, twice, and never less than FLOOR elements (on the host no more: a piece
    stays in a core's cache).
    """

    def __init__(self, total: int, device: torch.device):
        self.limit = FLOOR if device.type == "cpu" else max(FLOOR, total // 100)
        self._memory: dict[tuple[torch.device, torch.dtype], tuple[Tensor, Tensor]] = {}
        self._rooms: dict[tuple, Room] = {}

    def batches(self, columns: Sequence[Sequence[Tensor]]) -> Iterator[tuple[list[int], list[list[Tensor]], Room]]:
        """Cuts parallel lists of tensors into batches of at most about `limit` elements.

        Yields the owners (index of the tensor that each piece is of), the pieces, one list for each column, and room.
        """
        dtype = _wide(columns[0])
        owners: list[int] = []
        pieces: list[list[Tensor]] = [[] for _ in columns]
        held, device = 0, None
        for owner, row in enumerate(zip(*columns, strict=True)):
            for cut in zip(*(split(t, self.limit) for t in row), strict=True):
                size = cut[0].numel()
                if owners and (held + size > self.limit or cut[0].device != device):
                    yield owners, pieces, self._room(pieces[0], dtype)
                    owners, pieces, held = [], [[] for _ in columns], 0
                owners.append(owner)
                held, device = held + size, cut[0].device
                for column, piece in zip(pieces, cut, strict=True):
                    column.append(piece)
        if owners:
            yield owners, pieces, self._room(pieces[0], dtype)

    def _room(self, pieces: Sequence[Tensor], dtype: torch.dtype) -> Room:
        shapes = pieces[0].device, dtype, tuple([p.shape for p in pieces])
        if shapes not in self._rooms:
            sizes = [p.numel() for p in pieces]
            memory = self._reserve(pieces[0].device, dtype, sum(sizes))
            cuts = [m[: sum(sizes)].split(sizes) for m in memory]
            views = [[v.view(p.shape) for v, p in zip(cut, pieces, strict=True)] for cut in cuts]
            self._rooms[shapes] = Room(*views, memory[0][: sum(sizes)])
        return self._rooms[shapes]

    def _reserve(self, device: torch.device, dtype: torch.dtype, size: int) -> tuple[Tensor, Tensor]:
        known = self._memory.get((device, dtype))
        if known is None or known[0].numel() < size:  # one row of a tensor may be longer than the limit
            self._rooms.clear()
            size = max(size, self.limit)
            known = torch.empty(size, device=device, dtype=dtype), torch.empty(size, device=device, dtype=dtype)
            self._memory[device, dtype] = known
        return known


def _wide(tensors: Sequence[Tensor]) -> torch.dtype:
    return torch.float64 if any(t.dtype in (torch.float64, torch.complex128) for t in tensors) else torch.float32


def _together(norms: Sequence[Tensor], device: torch.device) -> Tensor:
    return torch.stack([n if n.device == device else n.to(device) for n in norms])
