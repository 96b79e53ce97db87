"""Statistics of attention against an oracle that keeps the whole table of logits in float64."""

from __future__ import annotations

import math

import pytest
import torch

from barograph.collectors.numerics import attention_statistics
from barograph.collectors.numerics.attention_statistics import statistics

CASES = {
    "plain": {},
    "causal": {"is_causal": True},
    "scale": {"scale": 0.7, "is_causal": True},
    "grouped": {"key_heads": 2, "is_causal": True},
    "one key head": {"key_heads": 1},
    "bool mask": {"mask": lambda n, h, i, j: torch.rand(n, 1, i, j) > 0.4},
    "bool mask by head": {"mask": lambda n, h, i, j: torch.rand(h, i, j) > 0.4, "key_heads": 2},
    "padding": {"mask": lambda n, h, i, j: (torch.arange(j) < torch.tensor([[j - 3], [j], [j - 9]])).view(n, 1, 1, j)},
    "additive": {"mask": lambda n, h, i, j: torch.randn(i, j).masked_fill(torch.rand(i, j) > 0.6, -math.inf)},
    "least number": {"mask": lambda n, h, i, j: torch.zeros(n, 1, i, j).masked_fill(torch.rand(i, j) > 0.6, -3.4e38)},
    "mask and causal": {"mask": lambda n, h, i, j: torch.rand(n, 1, i, j) > 0.2, "is_causal": True},
    "blind rows": {"mask": lambda n, h, i, j: (torch.rand(i, j) > 0.4) & (torch.arange(i) % 3 > 0)[:, None]},
    "more keys": {"is_causal": True, "keys": 60},
    "bfloat16": {"is_causal": True, "dtype": torch.bfloat16},
    "float16 with bias": {"mask": lambda n, h, i, j: torch.randn(h, i, j).half(), "dtype": torch.float16},
    "float64": {"is_causal": True, "dtype": torch.float64},
    "large": {"is_causal": True, "size": 4.0},
}


def oracle(q, k, scale=None, mask=None, is_causal=False):
    """One head of one sequence after the other, row by row, over the sampled positions."""
    batch, heads, length, width = q.shape
    step, stride = -(-batch // attention_statistics.SEQUENCES), -(-length // attention_statistics.POSITIONS)
    scale = 1 / math.sqrt(width) if scale is None else scale
    mask = None if mask is None else mask.expand(batch, heads, length, k.shape[2])
    peak, entropy, first = [], [], []
    for h in range(heads):
        peaks, entropies, firsts = [], [], []
        for n in range(0, batch, step):
            keys = k[n, h // (heads // k.shape[1])].double()
            for i in range((length - 1) % stride, length, stride):
                logits = scale * (keys @ q[n, h, i].double())
                visible = torch.ones(len(keys), dtype=torch.bool)
                added = torch.zeros(len(keys), dtype=torch.float64)
                if is_causal:
                    visible &= torch.arange(len(keys)) <= i
                if mask is not None and mask.dtype == torch.bool:
                    visible &= mask[n, h, i]
                elif mask is not None:
                    added = mask[n, h, i].double()
                    visible &= added > -5000
                if visible.any():
                    p = torch.softmax((logits + added)[visible], 0)
                    peaks.append(logits[visible].abs().max())
                    entropies.append(torch.special.entr(p).sum())
                    firsts.append(p[0] if visible[0] else torch.zeros((), dtype=torch.float64))
        peak.append(torch.stack(peaks).max())
        entropy.append(torch.stack(entropies).mean())
        first.append(torch.stack(firsts).mean())
    rows = slice((length - 1) % stride, None, stride)
    norms = (t.double().norm(dim=-1).mean((0, 2)) for t in (q[::step, :, rows], k[::step]))
    return (*map(torch.stack, (peak, entropy, first)), *norms)


def case(keys=37, key_heads=4, dtype=torch.float32, size=1.0, mask=None, **how):
    torch.manual_seed(1)
    q, k = size * torch.randn(3, 4, 37, 8), size * torch.randn(3, key_heads, keys, 8)
    if mask is not None:
        how["mask"] = mask(3, 4, 37, keys)
    return q.to(dtype), k.to(dtype), how


@pytest.mark.parametrize(
    ("sequences", "positions", "table"), [(1, 512, 9999), (3, 512, 9999), (2, 10, 300), (3, 37, 1)]
)
@pytest.mark.parametrize("name", CASES)
def test_as_the_oracle(monkeypatch, name, sequences, positions, table):
    monkeypatch.setattr(attention_statistics, "SEQUENCES", sequences)
    monkeypatch.setattr(attention_statistics, "POSITIONS", positions)
    monkeypatch.setattr(attention_statistics, "TABLE", {"cpu": table})
    q, k, how = case(**CASES[name])
    found = statistics(q, k, **how)
    for field, value, true in zip(found._fields, found, oracle(q, k, **how), strict=True):
        torch.testing.assert_close(value.double(), true, rtol=1e-5, atol=1e-7, msg=lambda text, f=field: f"{f}: {text}")
