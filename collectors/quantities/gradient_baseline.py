"""What the gradient of each tensor usually is: Adam's second moment, for how long it has been there, and its floor.

What has been still has no usual size of its own, so v counts only from a floor on:

    a tensor                                           `STILL` times the median of v
    one with a row for each token (embedding, output   `ACTIVE` times what active rows receive: the 99th percentile of
    layer): most rows rest while their tokens are rare g^2 where it is not 0, the highest of late

Both are those of a fixed random sample of coordinates and renewed every `RENEW` steps; nothing waits for the device.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..measurement import NotMeasured
from ..numerics.sharding import local
from ..recording.host_copy import HostCopy
from ..step_context import StepContext

STILL, ACTIVE = 1e-3, 1e-2
BURN_IN = RENEW = 20  # steps
FADE = 0.9  # of the highest of late, at each renewal
FEW, MANY = 256, 4096  # coordinates sampled of a tensor, and of one with a row for each token


@dataclass(slots=True, eq=False)
class Baseline:
    """What is known of one tensor."""

    v: Tensor  # the second moment: another object, or an earlier t, and all begins anew
    since: int  # the step at which it was first seen
    per_token: bool
    t: float = 0.0  # steps that are in v
    renewed: int | None = None
    t_renewed: float = 0.0
    floor: float | None = None  # of v; of v / (1 - beta2^t) for a tensor with a row for each token
    high: Tensor | None = None  # what active rows receive


class Baselines:
    """Of one optimizer: what is usual for each of its tensors."""

    def __init__(self) -> None:
        self._baselines: dict[int, Baseline] = {}  # by row of the layout
        self._copies: list[tuple[HostCopy, list[Baseline]]] = []
        self._coordinates: dict[tuple[int, int], Tensor] = {}

    def known(self, context: StepContext) -> dict[int, Baseline]:
        """Row -> what is usual, of the tensors for which that can be told before this step. Raises NotMeasured.

        Nothing is known in the first `BURN_IN` steps of an optimizer state, newly made or loaded.
        """
        found, step = self._recognised(context), context.step
        due = [
            row
            for row, u in found.items()
            if step - u.since >= BURN_IN // 2 and (u.renewed is None or step - u.renewed >= RENEW)
        ]
        if due:
            self._renew(context, due)
        while self._copies and (values := self._copies[0][0].values()) is not None:
            landed = self._copies.pop(0)[1]
            for i, u in enumerate(landed):
                u.floor, t = values[i :: len(landed)]
                u.t += t - u.t_renewed
        return {row: u for row, u in found.items() if u.floor is not None and step - u.since + 1 >= BURN_IN <= u.t}

    def _recognised(self, context: StepContext) -> dict[int, Baseline]:
        """Row -> what is known, for the tensors that have a gradient and a second moment."""
        if context.closure:
            raise NotMeasured("given a closure, step() computes its gradients itself: no state before the step is seen")
        if any("betas" not in group for group in context.optimizer.param_groups):
            raise NotMeasured(f"{type(context.optimizer).__name__} keeps no second moment; known are Adam and its kin")
        found: dict[int, Baseline] = {}
        states, params, on_host = context.optimizer.state, context.layout.params, context.layout.device.type == "cpu"
        for row in context.rows:
            state = states.get(params[row])
            if not state or not params[row].numel():
                continue
            v, t, u = state.get("exp_avg_sq"), state.get("step"), self._baselines.get(row)
            if u is None or u.v is not v or context.step < u.since:
                u = self._begin(context, row, v)
            if t is None:
                raise NotMeasured(f"{type(context.optimizer).__name__} keeps no count of its steps beside each moment")
            if on_host:
                t = float(t)
                u = self._begin(context, row, v) if t < u.t else u
                u.t = t
            else:
                u.t += 1  # put right when the true one lands
            found[row] = u
        return found

    def _begin(self, context: StepContext, row: int, v: Tensor | None) -> Baseline:
        p = context.layout.params[row]
        if v is None or v.shape != p.shape or v.is_complex() or (p.grad is not None and p.grad.is_sparse):
            name = context.layout.names[row]
            raise NotMeasured(f"{type(context.optimizer).__name__} keeps no second moment of each element of {name}")
        self._baselines[row] = Baseline(v, context.step, row in context.layout.per_token)
        return self._baselines[row]

    def _renew(self, context: StepContext, rows: list[int]) -> None:
        """Has the floors worked out from the samples; they land some steps later where v is on a device."""
        floors, times, at = [], [], {row: i for i, row in enumerate(context.rows)}
        for row in rows:
            u = self._baselines[row]
            u.renewed, u.t_renewed = context.step, u.t
            if u.per_token:
                u.high = self._highest(u, context.grads[at[row]], context.grad_scale)
                floors.append(ACTIVE * u.high)
            else:
                floors.append(STILL * self._sample(local(u.v), FEW).median())
            times.append(torch.as_tensor(context.optimizer.state[context.layout.params[row]]["step"]))
        flat = torch.stack([x.to(context.layout.device, torch.float32) for x in (*floors, *times)])
        self._copies.append((HostCopy(flat), [self._baselines[row] for row in rows]))

    def _highest(self, u: Baseline, g: Tensor, scale: Tensor | None) -> Tensor:
        """99th percentile of g^2 over the sampled elements that are not 0, or what is left of an earlier one."""
        squares = self._sample(g, MANY).square().sort().values
        percentile = len(squares) - 1 - squares.count_nonzero() // 100
        found = squares.gather(0, percentile.reshape(1)).nan_to_num(0, 0, 0).reshape(())
        if scale is not None:
            found = found / scale.reshape(()).square()
        return found if u.high is None else torch.maximum(found, FADE * u.high)

    def _sample(self, tensor: Tensor, count: int) -> Tensor:
        """Elements of a tensor at random coordinates, the same ones each time; all of them where there are few."""
        n = tensor.numel()
        if (n, count) not in self._coordinates:
            seeded = torch.Generator().manual_seed(0)
            drawn = torch.randint(n, (count,), generator=seeded) if n > count else torch.arange(n)
            self._coordinates[n, count] = drawn.to(tensor.device)
        return tensor.take(self._coordinates[n, count]).float()
