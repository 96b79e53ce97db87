"""The length of the optimizer's last step, rebuilt from its state: no copy of any weight is kept.

With m, v the moments after the step, t its number, w' the new weights:

    AdamW: w - w' = lr (u + decay w') / (1 - lr decay)
           u = sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + eps sqrt(1 - beta2^t))
    Adam:  w - w' = lr u,   its decay is inside m and v
    SGD:   w - w' = lr d,   worked out before the step
           g = grad + decay w,  b = momentum * buffer + (1 - dampening) g,  b = g at first
           d = b, or g + momentum b with Nesterov's momentum

(Kingma & Ba 2015, arXiv:1412.6980; Loshchilov & Hutter 2019, arXiv:1711.05101.) A weight kept in half precision rounds
the step that is told here; the rebuilt one is the exact one. Scratch is what `Scratch` holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.optim import SGD, Adam, AdamW, Optimizer

from .layout import local
from .norms import l2
from .signal import Moment, NotMeasured

if TYPE_CHECKING:
    from .seen import Seen


def moment(optimizer: Optimizer) -> Moment | None:
    """When this optimizer's step can be rebuilt; None: no rule for it."""
    return {Adam: Moment.AFTER, AdamW: Moment.AFTER, SGD: Moment.BEFORE}.get(type(optimizer))


def norms(seen: Seen) -> Tensor:
    """Length of the step of each tensor that has a gradient [len(seen.names)]. Raises NotMeasured."""
    kind = type(seen.optimizer)
    if moment(seen.optimizer) is None:
        raise NotMeasured(f"no rule to rebuild the step of {kind.__name__}; known are Adam, AdamW and SGD")
    if any(p.is_complex() for p in seen.params):
        raise NotMeasured("no rule to rebuild the step of complex parameters")
    if kind is SGD and seen.closure:
        raise NotMeasured("SGD's step cannot be rebuilt where step() is given a closure: its gradients appear inside")
    squares: list[Tensor | None] = [None] * len(seen.rows)
    rebuild = _sgd if kind is SGD else _adam
    by_group: dict[int, list[int]] = {}
    for at, row in enumerate(seen.rows):
        by_group.setdefault(seen.layout.group_of[row], []).append(at)
    for group, rows in by_group.items():
        rebuild(seen, seen.optimizer.param_groups[group], rows, squares)
    device = seen.layout.device
    lengths = torch.stack([s.to(device) for s in squares]).sqrt()
    if seen.found_inf is not None:  # a scaler has made the fused kernel skip this step
        lengths = lengths * (1 - seen.found_inf.to(device))
    return lengths


def _adam(seen: Seen, group: dict, rows: list[int], squares: list[Tensor | None]) -> None:
    state = [seen.optimizer.state[seen.params[at]] for at in rows]
    second = "max_exp_avg_sq" if group.get("amsgrad") else "exp_avg_sq"
    if any("exp_avg" not in s or second not in s for s in state):
        raise NotMeasured("the optimizer keeps no moments")
    beta1, beta2 = group["betas"]
    eps, decay = group["eps"], group["weight_decay"]
    if not group.get("decoupled_weight_decay", type(seen.optimizer) is AdamW):
        decay = 0.0
    t = [_number(s["step"]) for s in state]
    root = [(1 - beta2**k) ** 0.5 for k in t]
    floor = [eps * r for r in root]
    factor = [r / (1 - beta1**k) for r, k in zip(root, t, strict=True)]
    columns = [[s[second] for s in state], [s["exp_avg"] for s in state]]
    if seen.layout.sharded:
        columns = [[local(t) for t in column] for column in columns]
    columns += [[seen.weights[at] for at in rows]] if decay else []
    scale = group["lr"] / (1 - group["lr"] * decay)
    for owners, pieces, room in seen.layout.scratch.batches(columns):
        torch._foreach_copy_(room.first, pieces[0])
        torch._foreach_sqrt_(room.first)
        torch._foreach_add_(room.first, [floor[i] for i in owners])
        torch._foreach_copy_(room.second, pieces[1])
        torch._foreach_div_(room.second, room.first)
        torch._foreach_mul_(room.second, [factor[i] for i in owners])
        if decay:
            torch._foreach_copy_(room.first, pieces[2])
            torch._foreach_add_(room.second, room.first, alpha=decay)
        _gather(room.second, [rows[i] for i in owners], scale, squares)


def _sgd(seen: Seen, group: dict, rows: list[int], squares: list[Tensor | None]) -> None:
    momentum, damping, decay, nesterov = (group[k] for k in ("momentum", "dampening", "weight_decay", "nesterov"))
    buffers = [seen.optimizer.state[seen.params[at]].get("momentum_buffer") for at in rows]
    for started in (False, True):  # the first step of a tensor takes the gradient itself as its buffer
        part = [i for i, buffer in enumerate(buffers) if (buffer is not None) == started]
        if not part:
            continue
        columns = [[seen.grads[rows[i]] for i in part], [seen.weights[rows[i]] for i in part]]
        columns += [[local(buffers[i]) for i in part]] if started and momentum else []
        own = 1.0 if not momentum else (1 - damping if started else 1.0)  # of g in b
        share, memory = (1 + momentum * own, momentum**2) if nesterov else (own, momentum)  # of g and the buffer in d
        for owners, pieces, room in seen.layout.scratch.batches(columns):
            step, other = room.first, room.second
            torch._foreach_copy_(step, pieces[0])
            torch._foreach_mul_(step, share)
            if seen.grad_scale is not None:
                torch._foreach_div_(step, [seen.grad_scale] * len(step))
            for at, factor in ((1, decay * share), (2, memory)):
                if factor and at < len(pieces):
                    torch._foreach_copy_(other, pieces[at])
                    torch._foreach_add_(step, other, alpha=factor)
            _gather(step, [rows[part[i]] for i in owners], group["lr"], squares)


def _gather(step: list[Tensor], owners: list[int], scale: float | Tensor, squares: list[Tensor | None]) -> None:
    lengths = (l2(step) * scale).square()
    for owner, square in zip(owners, lengths.unbind(), strict=True):
        squares[owner] = square if squares[owner] is None else squares[owner] + square


def _number(step: float | Tensor) -> float | Tensor:
    """A step counter as a number; one on a device stays there, for reading it would wait for the device."""
    return step.item() if isinstance(step, Tensor) and step.device.type == "cpu" else step

