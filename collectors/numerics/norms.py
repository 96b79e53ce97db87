"""Norms of many tensors at once, without a whole copy of any of them and without waiting for the device."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

FLOOR = 1 << 16


def l2(tensors: list[Tensor]) -> Tensor:
    """Euclidean norm of each tensor, [len(tensors)], in float32 or better: a norm kept in bfloat16 has three digits."""
    return _together(torch._foreach_norm(tensors, 2, dtype=_wide(tensors)), tensors[0].device)


def l1(tensors: list[Tensor], scratch: Scratch) -> Tensor:
    """Sum of the absolute values over all tensors, 0-d."""
    if tensors[0].device.type != "cpu":
        return _together(torch._foreach_norm(tensors, 1, dtype=_wide(tensors)), tensors[0].device).sum()
    sums = []  # on the host the one-norm's own kernel is slower than abs and sum in the cache
    for batch in scratch.batches(tensors):
        torch._foreach_copy_(batch.first, batch.of(tensors))
        sums.append(batch.all_first.abs_().sum())
    return torch.stack(sums).sum()


def largest(tensors: Sequence[Tensor]) -> Tensor:
    """Largest absolute element of each tensor, [len(tensors)]; NaN where a tensor has one, 0 where it is empty."""
    low_high = [torch.aminmax(t) if t.numel() else (t.new_zeros(()),) * 2 for t in tensors]
    ends = torch.stack([torch.stack([low, high]).to(tensors[0].device) for low, high in low_high])
    return ends.abs().amax(dim=1)


class TensorBatch(NamedTuple):
    """Which pieces a sweep takes at once, and scratch for them.

    `owners`: index of each piece's tensor; `cuts`: its slice along the first axis, None: all of it. `first`, `second`:
    two tensors like each piece; `all_first`, `all_second`: all of them as one, for what is the same for every piece.
    """

    owners: list[int]
    cuts: list[slice | None]
    first: list[Tensor]
    second: list[Tensor]
    all_first: Tensor
    all_second: Tensor

    def of(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """This batch's pieces of tensors like those that it was made for."""
        return [tensors[i] if cut is None else tensors[i][cut] for i, cut in zip(self.owners, self.cuts, strict=True)]


class Scratch:
    """Memory for sweeps over many tensors, piece by piece, kept between sweeps: fresh memory costs more than the sums.

    A batch has about 1 % of the parameters' elements and never fewer than FLOOR (on the host just that: it stays in a
    core's cache). Large tensors are cut and small ones put together, so memory and the number of calls stay low.
    """

    def __init__(self, total: int, device: torch.device):
        self.limit = FLOOR if device.type == "cpu" else max(FLOOR, total // 100)
        self._batches: dict[tuple, list[TensorBatch]] = {}
        self._memory: dict[tuple[torch.device, torch.dtype], tuple[Tensor, Tensor]] = {}

    def batches(self, tensors: Sequence[Tensor]) -> list[TensorBatch]:
        """Batches for a sweep over `tensors`, and over others of the same shapes beside them."""
        like = tuple([(t.shape, t.device) for t in tensors]), _wide(tensors)
        if like not in self._batches:
            self._batches[like] = [self._furnished(tensors, *part, like[1]) for part in self._parts(tensors)]
        return self._batches[like]

    def _parts(self, tensors: Sequence[Tensor]) -> Iterator[tuple[list[int], list[slice | None]]]:
        owners: list[int] = []
        cuts: list[slice | None] = []
        held, device = 0, None
        for owner, t in enumerate(tensors):
            for cut in _cuts(t, self.limit):
                size = t.numel() if cut is None else t[cut].numel()
                if owners and (held + size > self.limit or t.device != device):
                    yield owners, cuts
                    owners, cuts, held = [], [], 0
                owners.append(owner)
                cuts.append(cut)
                held, device = held + size, t.device
        if owners:
            yield owners, cuts

    def _furnished(self, tensors: Sequence[Tensor], owners: list, cuts: list, dtype: torch.dtype) -> TensorBatch:
        pieces = TensorBatch(owners, cuts, [], [], tensors[0], tensors[0]).of(tensors)
        sizes = [p.numel() for p in pieces]
        first, second = (m[: sum(sizes)] for m in self._reserve(pieces[0].device, dtype, sum(sizes)))
        views = [[v.view(p.shape) for v, p in zip(m.split(sizes), pieces, strict=True)] for m in (first, second)]
        return TensorBatch(owners, cuts, views[0], views[1], first, second)

    def _reserve(self, device: torch.device, dtype: torch.dtype, size: int) -> tuple[Tensor, Tensor]:
        known = self._memory.get((device, dtype))
        if known is None or known[0].numel() < size:  # one row of a tensor may be longer than the limit
            size = max(size, self.limit)
            known = torch.empty(size, device=device, dtype=dtype), torch.empty(size, device=device, dtype=dtype)
            self._memory[device, dtype] = known
        return known


def _cuts(tensor: Tensor, limit: int) -> list[slice | None]:
    """Slices along the first axis, of at most about `limit` elements each: any strides will do."""
    if tensor.numel() <= limit or tensor.dim() == 0:
        return [None]
    rows = max(1, limit * tensor.shape[0] // tensor.numel())
    return [slice(at, at + rows) for at in range(0, tensor.shape[0], rows)]


def _wide(tensors: Sequence[Tensor]) -> torch.dtype:
    return torch.float64 if any(t.dtype in (torch.float64, torch.complex128) for t in tensors) else torch.float32


def _together(norms: Sequence[Tensor], device: torch.device) -> Tensor:
    return torch.stack([n if n.device == device else n.to(device) for n in norms])
