"""Gradient elements that are far larger than they have been of late: what a tensor's norm hides.

    score = g^2 / (v_hat + eps^2)     of each element

with g as the optimizer receives it (unscaled, clipped as v is), v its second moment before this step and
v_hat = v / (1 - beta2^t): 1 is usual, over `THETA` (|g| 71 times its usual size) is a spike. After the step v would
hold the spike itself and no score could pass 1 / (1 - beta2).

What has been still has no usual size, and its ordinary return is no spike:

    elements with v under `STILL` of their tensor's median v are left out
    a tensor with a row for each token (embedding, output layer): v_hat counts as no less than `ACTIVE` of what active
    rows receive: the 99th percentile of g^2 where it is not 0, the highest of late. Rare tokens keep no v of their own
    a tensor says nothing in the first `BURN_IN` steps of its optimizer state, newly made or loaded

Median and percentile are those of a fixed sample of coordinates, renewed every `RENEW` steps. (SPAM, arXiv:2501.06842,
whose v is not bias-corrected.) The state is read piece by piece into `Scratch`; nothing waits for the device.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from .landing import Landing
from .layout import local
from .signal import NotMeasured, Parts

if TYPE_CHECKING:
    from .seen import Seen

THETA = 5000.0
STILL, ACTIVE = 1e-3, 1e-2
BURN_IN = RENEW = 20  # steps
FADE = 0.9  # of the highest of late, at each renewal
FEW, MANY = 256, 4096  # coordinates sampled of a tensor, and of one with a row for each token
EXACT = 2.0**24  # a summand so many times smaller changes no bit of a float32
TELL = 10  # steps between counts of elements over THETA


class Scores(NamedTuple):
    """Of the tensors that have a usual size: names, largest score [tensors], share of elements over THETA [tensors].

    Shares are told at every tenth step, and on the host at all that have a spike; None between them.
    """

    names: Parts
    largest: Tensor
    shares: Tensor | None


@dataclass(slots=True)
class Usual:
    """What one tensor's gradient usually is."""

    v: Tensor  # the second moment: another object or an earlier t, and all begins anew
    since: int  # the step at which this one was first seen
    per_token: bool
    t: float = 0.0  # steps that are in v
    renewed: int | None = None
    t_renewed: float = 0.0
    floor: float | None = None  # of v, or of v_hat for a tensor with a row for each token
    high: Tensor | None = None  # what active rows receive


class Spikes:
    """Looks at the gradients of one optimizer, step after step."""

    def __init__(self) -> None:
        self._usual: dict[int, Usual] = {}  # by row of the layout
        self._landing: list[tuple[Landing, list[Usual]]] = []
        self._coordinates: dict[tuple[int, int], Tensor] = {}

    def look(self, seen: Seen) -> Scores | None:
        """The step's scores; None where nothing has a usual size yet. Raises NotMeasured."""
        rows = self._recognise(seen)
        due = [
            row
            for row, u in rows.items()
            if seen.step - u.since >= BURN_IN // 2 and (u.renewed is None or seen.step - u.renewed >= RENEW)
        ]
        if due:
            self._renew(seen, due)
        self._land()
        ready = {row: u for row, u in rows.items() if u.floor is not None and seen.step - u.since >= BURN_IN <= u.t}
        return _scores(seen, ready) if ready else None

    def _recognise(self, seen: Seen) -> dict[int, Usual]:
        """Row -> what is known, for the tensors that have a gradient and a second moment."""
        kind = type(seen.optimizer).__name__
        if seen.closure:
            raise NotMeasured("given a closure, step() computes its gradients itself: no state before the step is seen")
        if any("betas" not in group for group in seen.optimizer.param_groups):
            raise NotMeasured(f"{kind} keeps no second moment; known are Adam and its kin")
        found: dict[int, Usual] = {}
        for row in seen.rows:
            p = seen.layout.params[row]
            state = seen.optimizer.state.get(p)
            if not state or not p.numel():
                continue
            v = state.get("exp_avg_sq")
            if v is None or v.shape != p.shape or v.is_complex() or p.grad.is_sparse:
                raise NotMeasured(f"{kind} keeps no second moment of each element of {seen.layout.names[row]}")
            u, t = self._usual.get(row), state["step"]
            if isinstance(t, Tensor):
                t = t.item() if t.device.type == "cpu" else None
            if u is None or u.v is not v or (t is not None and t < u.t) or seen.step < u.since:
                u = self._usual[row] = Usual(v, seen.step, row in seen.layout.per_token)
            u.t = float(t) if t is not None else u.t + 1
            found[row] = u
        return found

    def _renew(self, seen: Seen, rows: list[int]) -> None:
        """Has the floors worked out from the samples; they land some steps later where v is on a device."""
        floors, times, at = [], [], {row: i for i, row in enumerate(seen.rows)}
        for row in rows:
            u = self._usual[row]
            u.renewed, u.t_renewed = seen.step, u.t
            if u.per_token:
                u.high = self._highest(u, seen.grads[at[row]], seen.grad_scale)
                floors.append(ACTIVE * u.high)
            else:
                floors.append(STILL * self._sample(local(u.v), FEW).median())
            times.append(torch.as_tensor(seen.optimizer.state[seen.layout.params[row]]["step"]))
        flat = torch.stack([x.to(seen.layout.device, torch.float32) for x in (*floors, *times)])
        self._landing.append((Landing(flat), [self._usual[row] for row in rows]))

    def _land(self) -> None:
        while self._landing and (values := self._landing[0][0].values()) is not None:
            known = self._landing.pop(0)[1]
            for u, floor, t in zip(known, values, values[len(known) :], strict=False):
                u.floor, u.t = floor, t + u.t - u.t_renewed

    def _highest(self, u: Usual, g: Tensor, scale: Tensor | None) -> Tensor:
        """99th percentile of g^2 over the sampled elements that are not 0; or what is left of an earlier one."""
        squares = self._sample(g, MANY).square().sort().values
        percentile = len(squares) - 1 - squares.count_nonzero() // 100
        found = squares.gather(0, percentile.reshape(1)).nan_to_num(0, 0, 0).reshape(())
        if scale is not None:
            found = found / scale.square()
        return found if u.high is None else torch.maximum(found, FADE * u.high)

    def _sample(self, tensor: Tensor, count: int) -> Tensor:
        """Elements of a tensor at random coordinates, the same ones each time; all of them where there are few."""
        n = tensor.numel()
        if (n, count) not in self._coordinates:
            seeded = torch.Generator().manual_seed(0)
            drawn = torch.randint(n, (count,), generator=seeded) if n > count else torch.arange(n)
            self._coordinates[n, count] = drawn.to(tensor.device)
        return tensor.take(self._coordinates[n, count]).float()


def _scores(seen: Seen, ready: dict[int, Usual]) -> Scores:
    known, at = list(ready.values()), {row: i for i, row in enumerate(seen.rows)}
    v, g = [local(u.v) for u in known], [seen.grads[at[row]] for row in ready]
    groups = [seen.optimizer.param_groups[seen.layout.group_of[row]] for row in ready]
    corrections = [1 - float(group["betas"][1]) ** u.t for group, u in zip(groups, known, strict=True)]
    tiny = [c * float(group.get("eps", 0.0)) ** 2 for c, group in zip(corrections, groups, strict=True)]
    on_host, device = seen.layout.device.type == "cpu", seen.layout.device
    scales: list = corrections
    if seen.grad_scale is not None:
        scale = float(seen.grad_scale) if on_host else seen.grad_scale
        scales = [c / scale**2 for c in corrections]
    counts = not on_host and seen.step % TELL == 0
    tops: list[list[Tensor]] = [[] for _ in known]
    over: list[list[Tensor]] = [[] for _ in known]
    for batch in seen.layout.scratch.batches(v):
        for i, v_piece, g_piece, score in zip(batch.owners, batch.of(v), batch.of(g), batch.first, strict=True):
            u = known[i]
            floor = u.floor * corrections[i] if u.per_token else u.floor
            torch.threshold(v_piece.to(score.dtype), floor, floor if u.per_token and floor else math.inf, out=score)
            if floor < EXACT * tiny[i]:
                score.add_(tiny[i])
            torch.div(g_piece, score, out=score).mul_(g_piece)
            tops[i].append(score.amax())
            if counts or (on_host and tops[i][-1].item() * scales[i] > THETA):
                over[i].append((score * scales[i] > THETA).sum())
    largest = [_one(pieces, torch.amax).to(device) * scale for pieces, scale in zip(tops, scales, strict=True)]
    shares = None
    if any(over) or seen.step % TELL == 0:
        none = torch.zeros((), device=device)
        shares = [_one(o, torch.sum).to(device) / t.numel() if o else none for o, t in zip(over, v, strict=True)]
    return Scores(
        seen.layout.subset(tuple(ready)), torch.stack(largest), None if shares is None else torch.stack(shares)
    )


def _one(pieces: list[Tensor], join: Callable[[Tensor], Tensor]) -> Tensor:
    return pieces[0] if len(pieces) == 1 else join(torch.stack(pieces))
