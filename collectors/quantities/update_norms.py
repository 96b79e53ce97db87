"""The length of the optimizer's last step, rebuilt from its state: no copy of any weight is kept.

With m, v the moments after the step, t its number, w' the new weights:

    AdamW: w - w' = lr (u + decay w') / (1 - lr decay)
           u = sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + eps sqrt(1 - beta2^t))
    Adam:  w - w' = lr u,   its decay is inside m and v
    SGD:   w - w' = lr d,   worked out before the step
           g = grad + decay w,  b = momentum * buffer + (1 - dampening) g,  b = g at first
           d = b, or g + momentum b with Nesterov's momentum

(Kingma & Ba 2015, arXiv:1412.6980; Loshchilov & Hutter 2019, arXiv:1711.05101.) A weight kept in half precision rounds
the step that is recorded here; the rebuilt one is the exact one. Scratch is what `Scratch` holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor
from torch.optim import SGD, Adam, AdamW, Optimizer

from ..measurement import Moment, NotMeasured
from ..numerics.sharding import local
from ..step_context import StepContext, shared

Pieces = tuple[list[int], Sequence[Tensor], list[float | Tensor]]  # whose, how long, times what


def update_moment(optimizer: Optimizer) -> Moment | None:
    """When this optimizer's step can be rebuilt; None: no rule for it."""
    return {Adam: Moment.AFTER, AdamW: Moment.AFTER, SGD: Moment.BEFORE}.get(type(optimizer))


@shared
def update_norms(context: StepContext) -> Tensor:
    """Length of the step of each tensor that has a gradient [len(context.names)]. Raises NotMeasured."""
    kind = type(context.optimizer)
    if update_moment(context.optimizer) is None:
        raise NotMeasured(f"no rule to rebuild the step of {kind.__name__}; known are Adam, AdamW and SGD")
    if any(p.is_complex() for p in context.params):
        raise NotMeasured("no rule to rebuild the step of complex parameters")
    if kind is SGD and context.closure:
        raise NotMeasured("SGD's step cannot be rebuilt where step() is given a closure: its gradients appear inside")
    by_group: dict[int, list[int]] = {}
    for at, row in enumerate(context.rows):
        by_group.setdefault(context.layout.group_of[row], []).append(at)
    owners: list[int] = []
    lengths: list[Tensor] = []
    scales: list[float | Tensor] = []
    rebuild = _sgd if kind is SGD else _adam
    for group, rows in by_group.items():
        for owner, length, scale in rebuild(context, context.optimizer.param_groups[group], rows):
            owners += owner
            lengths += length
            scales += scale
    device = context.layout.device
    if len({t.device for t in lengths}) > 1:
        lengths = [t.to(device) for t in lengths]
    pieces = torch.stack(lengths) * _vector(scales, device)
    squares = torch.zeros(len(context.rows), dtype=pieces.dtype, device=device)
    found = squares.index_add_(0, torch.tensor(owners, device=device), pieces.square()).sqrt()
    # where a gradient scaler has made the fused kernel skip this step, nothing has moved
    return found if context.found_inf is None else found * (1 - context.found_inf.to(device))


def _adam(context: StepContext, group: dict, rows: list[int]) -> Iterator[Pieces]:
    state = [context.optimizer.state[context.params[at]] for at in rows]
    second = "max_exp_avg_sq" if group.get("amsgrad") else "exp_avg_sq"
    if any("exp_avg" not in s or second not in s for s in state):
        raise NotMeasured("the optimizer keeps no moments")
    beta1, beta2 = group["betas"]
    decay = group["weight_decay"] if group.get("decoupled_weight_decay", type(context.optimizer) is AdamW) else 0.0
    steps = [_number(s["step"]) for s in state]
    root = [(1 - beta2**t) ** 0.5 for t in steps]
    floor = [group["eps"] * r for r in root]
    factor = [r / (1 - beta1**t) for r, t in zip(root, steps, strict=True)]
    alike = not isinstance(steps[0], Tensor) and len(set(steps)) == 1  # so one factor can wait until after the norm
    v, m = ([_local(context, s[key]) for s in state] for key in (second, "exp_avg"))
    w = [context.weights[at] for at in rows]
    scale = group["lr"] / (1 - group["lr"] * decay)
    for batch in context.layout.scratch.batches(v):
        below, step, owners = batch.first, batch.second, batch.owners
        torch._foreach_copy_(below, batch.of(v))
        torch._foreach_copy_(step, batch.of(m))
        batch.all_first.sqrt_()
        if alike:
            batch.all_first.add_(floor[0])
        else:
            torch._foreach_add_(below, [floor[i] for i in owners])
        batch.all_second.div_(batch.all_first)
        if not alike:
            torch._foreach_mul_(step, [factor[i] for i in owners])
        if decay:
            torch._foreach_add_(step, batch.of(w), alpha=decay / factor[0] if alike else decay)
        common = scale * factor[0] if alike else scale
        yield [rows[i] for i in owners], torch._foreach_norm(step), [common] * len(owners)


def _sgd(context: StepContext, group: dict, rows: list[int]) -> Iterator[Pieces]:
    momentum, damping, decay, nesterov = (group[k] for k in ("momentum", "dampening", "weight_decay", "nesterov"))
    buffers = [context.optimizer.state[context.params[at]].get("momentum_buffer") for at in rows]
    for started in (False, True):  # the first step of a tensor takes the gradient itself as its buffer
        part = [at for at, buffer in zip(rows, buffers, strict=True) if (buffer is not None) == started]
        if not part:
            continue
        g, w = [context.grads[at] for at in part], [context.weights[at] for at in part]
        b = [_local(context, buffer) for buffer in buffers if buffer is not None] if started and momentum else None
        own = 1 - damping if b is not None else 1.0  # of g in the new buffer
        share, memory = (1 + momentum * own, momentum**2) if nesterov else (own, momentum)  # of g and b in the step
        for batch in context.layout.scratch.batches(g):
            step = batch.first
            torch._foreach_copy_(step, batch.of(g))
            torch._foreach_mul_(step, share)
            if context.grad_scale is not None:
                torch._foreach_div_(step, [context.grad_scale] * len(step))
            if decay:
                torch._foreach_add_(step, batch.of(w), alpha=decay * share)
            if b is not None:
                torch._foreach_add_(step, batch.of(b), alpha=memory)
            yield [part[i] for i in batch.owners], torch._foreach_norm(step), [group["lr"]] * len(step)


def _local(context: StepContext, tensor: Tensor) -> Tensor:
    return local(tensor) if context.layout.sharded else tensor


def _vector(scales: list[float | Tensor], device: torch.device) -> Tensor:
    if any(isinstance(s, Tensor) for s in scales):
        return torch.stack([torch.as_tensor(s, device=device, dtype=torch.float32).reshape(()) for s in scales])
    return torch.tensor(scales, device=device)


def _number(step: float | Tensor) -> float | Tensor:
    """A step counter as a number; one on a device stays there, for reading it would wait for the device."""
    return step.item() if isinstance(step, Tensor) and step.device.type == "cpu" else step
