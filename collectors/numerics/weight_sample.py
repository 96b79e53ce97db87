"""A fixed sample of a model's weights: how far it has come without a copy of where it was."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

SIZE = 4096  # coordinates in all


class WeightSample:
    """Random coordinates, seeded, of each tensor in proportion to its size and at least one; and what they were.

    Lengths and products are estimated for the whole model: an element counts for as many as its tensor has to a sampled
    one. Where it began is where the weights were when this was made.
    """

    def __init__(self, weights: Sequence[Tensor], device: torch.device):
        self._device, seeded = device, torch.Generator().manual_seed(0)
        self._coordinates: list[Tensor] = []
        shares: list[float] = []
        total = sum(w.numel() for w in weights)
        for w in weights:
            count = min(w.numel(), max(1, round(SIZE * w.numel() / max(1, total))))
            drawn = torch.randperm(w.numel(), generator=seeded) if w.numel() <= SIZE else None
            drawn = torch.randint(w.numel(), (count,), generator=seeded) if drawn is None else drawn[:count]
            self._coordinates.append(drawn.to(w.device))
            shares += [w.numel() / count] * count if count else []
        self._shares = torch.tensor(shares, device=device)
        self._begin = self._last = self.of(weights)
        self._moved: Tensor | None = None

    def of(self, weights: Sequence[Tensor]) -> Tensor:
        """The sampled ones of these weights."""
        taken = [w.take(at).to(self._device, torch.float32) for w, at in zip(weights, self._coordinates, strict=True)]
        return torch.cat(taken) if taken else torch.zeros(0, device=self._device)

    def distance(self, now: Tensor) -> Tensor:
        """Length of the way from the begin to where the sample is `now`, 0-d."""
        return self._product(now - self._begin, now - self._begin).sqrt()

    def turn(self, now: Tensor) -> Tensor | None:
        """Cosine between the ways since the last call and between the two calls before, 0-d; None: too few calls."""
        before = self._moved
        self._moved, self._last = now - self._last, now
        if before is None:
            return None
        lengths = self._product(self._moved, self._moved).sqrt() * self._product(before, before).sqrt()
        return self._product(self._moved, before) / lengths.clamp_min(torch.finfo(lengths.dtype).tiny)

    def _product(self, a: Tensor, b: Tensor) -> Tensor:
        return (self._shares * a * b).sum()
