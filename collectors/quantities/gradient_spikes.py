"""Gradient elements that are far larger than they have been of late: what a tensor's norm hides.

    score = g^2 / (v_hat + eps^2)     of each element

with g as the optimizer receives it (unscaled, clipped as v is), v its second moment before this step and
v_hat = v / (1 - beta2^t): 1 is usual, over `THETA` (|g| 71 times its usual size) is a spike. After the step v would
hold the spike itself and no score could pass 1 / (1 - beta2). (SPAM, arXiv:2501.06842, whose v is not bias-corrected.)

Elements whose v is under the floor of their tensor (`gradient_baseline.py`) are left out. In a tensor with a row for
each token they count with the floor for v: the return of a rare token, whose v has faded, is no spike.

Clipping shrinks a spike with all the rest: of 1,000 times its usual size an element keeps a score of about
1 / (1e-6 + (usual |g_i| / usual |g|)^2), which is under `THETA` only where it is usually over 1/71 of the whole norm.
"""

from __future__ import annotations

import math
from operator import is_
from typing import NamedTuple

import torch
from torch import Tensor

from ..measurement import Parts
from ..numerics.norms import TensorBatch
from ..numerics.sharding import local
from ..step_context import StepContext, shared
from .gradient_baseline import Baseline, Baselines

THETA = 5000.0
NEAR = 0.1  # of a tensor's largest score: a peer of it
TELL = 10  # steps between counts that find nothing
EXACT = 2.0**24  # a summand so many times smaller changes no bit of a float32


class Scores(NamedTuple):
    """Of the tensors that have a usual size: names, largest score [tensors], and more where there is more to tell.

    `shares`: share of elements over THETA [tensors], at every tenth step and on the host at all that have a spike.
    `peers`: names, and how many elements score at least `NEAR` of their tensor's largest, that one counted; on the host
    of the tensors with a spike.
    """

    names: Parts
    largest: Tensor
    shares: Tensor | None
    peers: tuple[Parts, Tensor] | None


class TensorPiece(NamedTuple):
    """A part of a tensor that is looked at at once: whose, which part, its v, room for scores."""

    owner: int
    cut: slice | None
    v: Tensor
    room: Tensor


class Spikes:
    """Looks at the gradients of one optimizer, step after step."""

    def __init__(self) -> None:
        self._baselines = Baselines()
        self._known: list[Baseline] = []
        self._pieces: list[TensorPiece] = []

    def look(self, context: StepContext) -> Scores | None:
        """The step's scores; None where nothing has a usual size yet. Raises NotMeasured."""
        baselines = self._baselines.known(context)
        if not baselines:
            return None
        rows, known = tuple(baselines), list(baselines.values())
        if len(known) != len(self._known) or not all(map(is_, known, self._known)):
            v = [local(u.v) for u in known]
            self._known, self._pieces = (
                known,
                [p for batch in context.layout.scratch.batches(v) for p in _cut(batch, v)],
            )
            self._sizes = torch.tensor([t.numel() for t in v], device=context.layout.device)
            self._owners = torch.tensor([p.owner for p in self._pieces], device=context.layout.device)
        return self._scores(context, rows)

    def _scores(self, context: StepContext, rows: tuple[int, ...]) -> Scores:
        names, device = context.layout.subset(rows), context.layout.device
        on_host, grads = device.type == "cpu", context.grads
        if len(rows) != len(context.rows):
            grads = [grads[context.rows.index(row)] for row in rows]
        groups = [context.optimizer.param_groups[context.layout.group_of[row]] for row in rows]
        corrections = [1 - float(group["betas"][1]) ** u.t for group, u in zip(groups, self._known, strict=True)]
        limits = [_limits(*of) for of in zip(self._known, corrections, groups, strict=True)]
        scales = torch.tensor(corrections, device=device)
        if context.grad_scale is not None:
            scales = scales / context.grad_scale.to(device).square()
        tops, counts = self._sweep(grads, limits, None if on_host else THETA / scales)
        largest = tops * scales
        if counts is not None:
            return Scores(names, largest, counts[0] if context.step % TELL == 0 else None, (names, counts[1]))
        spiking = [i for i, score in enumerate(largest.tolist()) if score > THETA]
        if not spiking:  # the common case, for which nothing is counted
            return Scores(names, largest, torch.zeros(len(rows)) if context.step % TELL == 0 else None, None)
        _, counts = self._sweep(grads, limits, THETA / scales)
        if counts is None:
            return Scores(names, largest, None, None)
        peers = context.layout.subset(tuple(rows[i] for i in spiking)), counts[1][spiking]
        return Scores(names, largest, counts[0], peers)

    def _sweep(self, grads: list[Tensor], limits: list[Limits], thetas: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """Largest g^2 / v of each tensor, and [shares of elements over `thetas`, peers]: None where that is None."""
        tops: list[Tensor] = []
        over: list[Tensor] = []  # of each piece: elements over `thetas`
        near: list[Tensor] = []  # and those near its largest
        for owner, cut, v, room in self._pieces:
            g = grads[owner] if cut is None else grads[owner][cut]
            floor, below, tiny = limits[owner]
            torch.threshold(v if v.dtype == room.dtype else v.to(room.dtype), floor, below, out=room)
            if tiny:
                room.add_(tiny)
            tops.append(torch.div(g, room, out=room).mul_(g).amax())
            if thetas is not None:
                over.append((room > thetas[owner].to(room.device)).sum())
                near.append((room > NEAR * tops[-1]).sum())
        device, owners = self._sizes.device, self._owners
        top = torch.stack([t.to(device) for t in tops])
        largest = top.new_zeros(len(grads)).scatter_reduce_(0, owners, top, "amax")
        if thetas is None:
            return largest, None
        spikes, peers = (torch.stack([n.to(device) for n in pieces]).to(top.dtype) for pieces in (over, near))
        peers = peers * (top >= NEAR * largest[owners])  # those of a piece far below the largest are no peers
        counts = top.new_zeros((2, len(grads))).index_add_(1, owners, torch.stack([spikes, peers]))
        return largest, torch.stack([counts[0] / self._sizes, counts[1]])


class Limits(NamedTuple):
    """Of a tensor's v: its floor, what stands for what is below it, what is added to it."""

    floor: float
    below: float
    tiny: float


def _limits(u: Baseline, correction: float, group: dict) -> Limits:
    known = u.floor or 0.0  # those without a floor are not looked at
    floor = known * correction if u.per_token else known
    tiny = correction * float(group.get("eps", 0)) ** 2
    return Limits(floor, floor if u.per_token and floor else math.inf, tiny if floor < EXACT * tiny else 0.0)


def _cut(batch: TensorBatch, v: list[Tensor]) -> list[TensorPiece]:
    return [TensorPiece(*piece) for piece in zip(batch.owners, batch.cuts, batch.of(v), batch.first, strict=True)]


@shared
def gradient_spikes(context: StepContext) -> Scores | None:
    """How far each tensor's gradient elements are from their usual size. Raises NotMeasured."""
    return context.state(Spikes).look(context)
