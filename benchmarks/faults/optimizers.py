"""The watched optimizer is not, or no longer, the one that steps: sharpness-aware minimization, one built anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from barograph.collectors import watch
from barograph.db import Store
from benchmarks.faults._support.tally import Tally


class Sharpness(torch.optim.Optimizer):
    """Takes the gradient uphill of the weights; only the optimizer that it holds ever steps (arXiv:2010.01412)."""

    def __init__(self, params: Iterable[nn.Parameter]):
        super().__init__(params, {"rho": 0.05})
        self.base = torch.optim.SGD(self.param_groups, lr=0.01)

    def both(self, loss: Callable[[], torch.Tensor]) -> None:
        weights = [weight for group in self.param_groups for weight in group["params"]]
        before = [weight.detach().clone() for weight in weights]
        with torch.no_grad():
            for weight in weights:
                weight.add_(weight.grad, alpha=0.05)
        self.base.zero_grad()
        loss().backward()
        with torch.no_grad():
            for weight, old in zip(weights, before, strict=True):
                weight.copy_(old)
        self.base.step()
        self.base.zero_grad()


def sharpness(path: Path, first: bool) -> list[float]:
    """120 steps of which the watched optimizer makes none."""
    model, loss = _line()
    optimizer, losses = Sharpness(model.parameters()), []
    with watch(model, optimizer, store=path, name="run", total_steps=120) as run:
        for _ in range(120):
            now = loss()
            losses.append(now.item())
            _around(lambda value=now: run.log(loss=value), now.backward, lambda: optimizer.both(loss), first)  # type: ignore[misc]
    return losses


def anew(path: Path, first: bool) -> list[float]:
    """100 steps, the later half with another optimizer than the one that is watched."""
    model, loss = _line()
    optimizer, losses = torch.optim.AdamW(model.parameters(), lr=1e-2), []
    with watch(model, optimizer, store=path, name="run", total_steps=100) as run:
        for step in range(100):
            if step == 50:
                optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
            now = loss()
            losses.append(now.item())
            optimizer.zero_grad()
            _around(lambda value=now: run.log(loss=value), now.backward, optimizer.step, first)  # type: ignore[misc]
    return losses


def _line() -> tuple[nn.Module, Callable[[], torch.Tensor]]:
    """A model, and its loss on new data."""
    model = nn.Linear(4, 1)

    def loss() -> torch.Tensor:
        given = torch.randn(8, 4)
        found: torch.Tensor = (model(given) - given.sum(1, keepdim=True)).square().mean()
        return found

    return model, loss


def _around(log: Callable[[], Any], backward: Callable[[], Any], step: Callable[[], Any], first: bool) -> None:
    """One step of training that logs before or after the optimizer."""
    for what in (log, backward, step) if first else (backward, step, log):
        what()


def attack(folder: Path, quick: bool) -> Tally:
    tally = Tally()
    for seed in range(1 if quick else 5):
        for work in (sharpness, anew):
            for first in (False, True):
                torch.manual_seed(seed)
                path = folder / f"{work.__name__}{first:d}{seed}.db"
                losses = np.array(work(path, first), dtype=np.float32)
                store = Store(path)
                (run,) = store.runs()
                found = store.series(run.id, "loss")
                kept = np.isin(np.arange(1, len(losses) + 1), found.steps)
                right = found.values.astype(np.float32) == losses[np.clip(found.steps - 1, 0, len(losses) - 1)]
                said = any("has not stepped" in event.text for event in store.events(run.id))
                tally.count(
                    said and run.state == "finished", f"{work.__name__}: {run.state}, said: {said}",
                    lost=int((~kept).sum()), wrong=int((~right).sum()),
                )  # fmt: skip
                store.close()
    return tally
