"""What the logits of one attention call say, exactly, from its queries and keys, in memory linear in their length.

Fused attention never shows its logits. Here they are computed once more, in float32, for a sample of a batch: up to
SEQUENCES sequences, evenly spaced, and in each up to POSITIONS queries, evenly spaced, the last one always, against
all keys. A few rows of the table exist at a time.

    z_ij = scale * <q_i, k_j>                            the logit, without what an additive mask adds to it
    p_ij = softmax over the visible j of (z_ij + mask_ij)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor

SEQUENCES = 1
POSITIONS = 64
MASKED = -5000.0  # an additive mask at or below it hides its position: -inf, -1e9, the least number of a type, -10000
TABLE = {"cpu": 1 << 16}  # elements of the table of logits that exist at a time; on the host it stays in the cache
TABLE_ELSEWHERE = 1 << 24

Mask = Tensor | Callable[[Tensor, Tensor, Tensor, Tensor], Tensor] | None


class Statistics(NamedTuple):
    """Of one call, per head: largest |z| over the visible positions, and means over the sampled queries.

    peak:    max_ij |z_ij| [heads]
    entropy: mean_i of -sum_j p_ij log p_ij [heads], nats; ln(number of visible keys) where attention is even
    first:   mean_i of p_i0, the weight on the first key [heads]
    q_norm:  mean_i |q_i| [heads]; k_norm: mean_j |k_j| [heads of the keys]

    A query that sees no key counts in none of the first three; NaN and infinity are kept.
    """

    peak: Tensor
    entropy: Tensor
    first: Tensor
    q_norm: Tensor
    k_norm: Tensor


def statistics(
    q: Tensor, k: Tensor, *, scale: float | None = None, mask: Mask = None, is_causal: bool = False
) -> Statistics:  # fmt: skip
    """Statistics of attention of `q` [..., heads, L, E] to `k` [..., key heads, S, E], after rotation and norms.

    Key heads divide heads: each serves as many neighbouring query heads. Without an axis for heads there is one.
    scale: None is 1 / sqrt(E). is_causal: query i sees the keys up to i.
    mask: True or 0 where visible; of bool or added to the logits; broadcast to [..., heads, L, S]; or a function of
    (sequence, head, query, key) indices that says so, as flexible attention has it.

    Raises ValueError where the shapes do not fit each other.
    """
    if isinstance(mask, Tensor):
        mask = mask.reshape(*[1] * (q.dim() - mask.dim()), *mask.shape)
        mask = _four(mask if q.dim() < 5 else mask.expand(*q.shape[:-3], -1, -1, -1))
    q, k = _four(q), _four(k)
    (batch, heads, length, size), (_, key_heads, keys, _) = q.shape, k.shape
    if k.shape[-1] != size or heads % key_heads or k.shape[0] not in (1, batch):
        raise ValueError(
            f"attention of queries {tuple(q.shape)} to keys {tuple(k.shape)}: expected [batch, heads, ., E]"
        )
    wide = torch.float64 if q.dtype == torch.float64 else torch.float32
    step = -(-batch // SEQUENCES)
    stride = -(-length // POSITIONS)
    start = (length - 1) % stride
    q = q[::step, :, start::stride].to(wide)
    k = k[:: step if len(k) == batch else 1].to(wide)
    scaled = q * (1 / math.sqrt(size) if scale is None else scale)
    if isinstance(mask, Tensor):
        mask = mask.expand(batch, -1, length, -1)[::step, :, start::stride]
    where = torch.arange(0, batch, step, device=q.device), torch.arange(start, length, stride, device=q.device)

    found = []
    rows = max(1, TABLE.get(q.device.type, TABLE_ELSEWHERE) // (len(q) * heads * keys))
    for part in _parts(q.shape[2], rows):
        z = scaled[:, :, part].reshape(len(q), key_heads, -1, size) @ k.mT
        z = z.view(len(q), heads, -1, keys)
        index = _index(where[0], heads, where[1][part], keys)
        veil, bias = _veil(z, mask, part, is_causal, index)
        found.append(_rows(z, veil, bias))
    peak, entropy, first, seen = (torch.stack(each) for each in zip(*found, strict=True))
    seen = seen.sum(0)
    return Statistics(
        peak.amax(0).masked_fill_(seen == 0, math.nan), entropy.sum(0) / seen, first.sum(0) / seen,
        torch.linalg.vector_norm(q, dim=-1).mean((0, 2)), torch.linalg.vector_norm(k, dim=-1).mean((0, 2)),
    )  # fmt: skip


def _rows(z: Tensor, veil: Tensor | None, bias: Tensor | None) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Of a table z [sequences, heads, rows, keys]: peak, sums of entropy and of the first weight, rows that see."""
    high, low = (z, z) if veil is None else (z + veil, z - veil)
    peak = torch.maximum(high.amax((0, 2, 3)), -low.amin((0, 2, 3)))
    del low
    if bias is not None and veil is not None:
        z += bias
        high = z + veil
    top = high.amax(-1, keepdim=True)
    weights = high.softmax(-1)
    entropy = (-weights.amax(-1).log() - torch.linalg.vecdot(weights, z - top)).clamp(min=0)  # max p = 1 / sum exp
    first = weights[..., 0]
    if veil is None:
        return peak, entropy.sum((0, 2)), first.sum((0, 2)), torch.full_like(peak, z.shape[0] * z.shape[2])
    blind = top.squeeze(-1) == -math.inf
    entropy, first = (t.masked_fill(blind, 0).sum((0, 2)) for t in (entropy, first))
    return peak, entropy, first, (~blind).sum((0, 2)).to(peak.dtype)


def _veil(z: Tensor, mask: Mask, part: slice, is_causal: bool, index: tuple) -> tuple:
    """-inf where the rows `part` must not look and 0 elsewhere, and what the mask adds to the rest; None: nothing."""
    hidden, bias = None, None
    if isinstance(mask, Tensor):
        mask = mask[:, :, part]
        if mask.dtype == torch.bool:
            hidden = ~mask
        else:
            hidden = mask <= MASKED
            bias = mask.to(z.dtype).masked_fill(hidden, 0)
    elif mask is not None:
        hidden = ~mask(*index)
    if is_causal:
        later = index[3] > index[2]
        hidden = later if hidden is None else hidden | later
    if hidden is None:
        return None, None
    return torch.zeros(hidden.shape, dtype=z.dtype, device=z.device).masked_fill_(hidden, -math.inf), bias


def _index(sequences: Tensor, heads: int, rows: Tensor, keys: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Indices of sequence, head, query and key, each along its own axis."""
    head, key = (torch.arange(n, device=rows.device) for n in (heads, keys))
    return sequences[:, None, None, None], head[:, None, None], rows[:, None], key


def _parts(length: int, rows: int) -> Iterator[slice]:
    for at in range(0, length, rows):
        yield slice(at, at + rows)


def _four(t: Tensor) -> Tensor:
    """[sequences, heads, positions, .] of a tensor with more axes for sequences, or without one for heads."""
    if t.dim() > 4:
        return t.flatten(0, -4)
    return t.unsqueeze(-3) if t.dim() == 3 else t.expand(1, 1, *t.shape[-2:]) if t.dim() == 2 else t
