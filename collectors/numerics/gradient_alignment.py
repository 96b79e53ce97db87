"""Do the gradients of several domains pull in the same direction?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from .norms import l2


def alignment(losses: Mapping[str, Tensor], parameters: Sequence[Tensor]) -> tuple[tuple[str, ...], Tensor]:
    """Names [k] and the cosines [k, k] between the gradients of their losses, on the parameters' device.

    Why: a negative entry says that a step for one domain harms the other, whatever the two losses do just now; a domain
    that agrees with all others is worth a larger share. cos[i, j] = <g_i, g_j> / (|g_i| |g_j|), NaN where a gradient is
    zero. The graph is kept and no `.grad` is touched, so that training's own backward pass can follow; the gradients of
    all k domains are held at once. Raises ValueError for fewer than two losses. Source: Fan et al. 2023 (DoGE), who
    weigh domain j by <g_j, sum_i g_i>.
    """
    if len(losses) < 2:
        raise ValueError(f"alignment of {len(losses)} losses: expected two or more, by name")
    params = [p for p in parameters if p.requires_grad]
    if not params:
        raise ValueError("alignment: no parameter needs a gradient; pass the optimizer to watch")
    rows = []
    for loss in losses.values():
        found = torch.autograd.grad(loss, params, retain_graph=True, allow_unused=True)
        rows.append([torch.zeros_like(p) if g is None else g.detach() for p, g in zip(params, found, strict=True)])
    lengths = torch.stack([torch.linalg.vector_norm(l2(row)) for row in rows])
    products = [[_dot(row, other) for other in rows] for row in rows]
    return tuple(map(str, losses)), torch.stack([torch.stack(row) for row in products]) / torch.outer(lengths, lengths)


def _dot(row: Sequence[Tensor], other: Sequence[Tensor]) -> Tensor:
    wide = [torch.float64 if a.dtype == torch.float64 else torch.float32 for a in row]
    parts = [(a.to(w) * b.to(w)).sum() for a, b, w in zip(row, other, wide, strict=True)]
    return torch.stack([part.to(parts[0].device) for part in parts]).sum()
