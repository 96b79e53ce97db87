"""How large the output logits have grown, and how certain the model is: of a sample of positions, never of a copy.

A softmax is blind to what is added to all logits of a position, so the loss is too: log Z shows their drift.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

POSITIONS = 256
PIECE = {"cpu": 1 << 16}  # elements in float32 at a time; on the host they stay in the cache
PIECE_ELSEWHERE = 1 << 24


class Confidence(NamedTuple):
    """Of up to POSITIONS positions, evenly spaced, the last one always; each value 0-d.

    log_z_max, log_z_mean: of log Z_i = log sum_c exp(logit_ic), nats
    max_prob:              mean of max_c softmax(logit_i)_c = exp(max_c logit_ic - log Z_i)
    """

    log_z_max: Tensor
    log_z_mean: Tensor
    max_prob: Tensor


def confidence(logits: Tensor, targets: Tensor | None = None, ignore_index: int = -100) -> Confidence:
    """Confidence of `logits` [..., classes]; with class `targets` [...] those that are `ignore_index` do not count.

    NaN where no position counts. Raises ValueError where the shapes do not fit each other.
    """
    logits = logits if logits.dim() > 1 else logits.reshape(1, -1)
    if targets is not None:
        if targets.numel() != logits.shape[:-1].numel():
            raise ValueError(f"targets {tuple(targets.shape)} of logits {tuple(logits.shape)}: expected one a position")
        targets = sampled(targets.reshape(logits.shape[:-1]))
    logits = sampled(logits, 1)
    rows = max(1, PIECE.get(logits.device.type, PIECE_ELSEWHERE) // logits.shape[-1])
    wide = torch.float64 if logits.dtype == torch.float64 else torch.float32
    found = [_piece(piece.to(wide)) for piece in logits.split(rows)]
    log_z, certain = (torch.cat(each) for each in zip(*found, strict=True))
    if targets is None:
        return Confidence(log_z.max(), log_z.mean(), certain.mean())
    counted = targets != ignore_index
    n = counted.sum()
    highest = log_z.masked_fill(~counted, -torch.inf).max()
    mean, certain = (t.masked_fill(~counted, 0).sum() / n for t in (log_z, certain))
    return Confidence(torch.where(n == 0, torch.nan, highest), mean, certain)


def classes_last(logits: Tensor, targets: Tensor | None) -> tuple[Tensor, Tensor | None]:
    """Logits [..., classes] and targets [...] of what `F.cross_entropy` takes, which has classes on its second axis.

    Of [sequences, classes, positions, ...] only as many sequences are kept as are looked at: they will be copied.
    """
    if logits.dim() > 2:
        step = -(-len(logits) // max(1, POSITIONS // logits[0, 0].numel()))
        logits, targets = logits[::step].movedim(1, -1), None if targets is None else targets[::step]
    return logits, None if targets is None or targets.is_floating_point() else targets


def sampled(t: Tensor, inner: int = 0) -> Tensor:
    """Up to POSITIONS of the positions of `t`, whose last `inner` axes belong to one: [positions, ...]."""
    t = t.flatten(0, t.dim() - inner - 1) if t.dim() > inner + 1 else t
    stride = -(-len(t) // POSITIONS)
    return t[(len(t) - 1) % stride :: stride]


def _piece(z: Tensor) -> tuple[Tensor, Tensor]:
    """log Z and the largest probability of each row."""
    top = z.amax(-1)
    total = (z - top[:, None]).exp().sum(-1)
    return top + total.log(), total.reciprocal()
