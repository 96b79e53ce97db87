"""A look at the model from which training comes back exactly as it was."""

from __future__ import annotations

import contextlib
import random
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import nn


@contextlib.contextmanager
def evaluation_mode(model: nn.Module | None, generators: Sequence[torch.Generator] = ()) -> Iterator[None]:
    """Inside: no gradients, `model` in evaluation mode. Afterwards: modes and random states are what they were before.

    Random states: torch's on every device that is in use, Python's, numpy's, and those of `generators`. Each module
    gets back its own mode, so that one that was frozen stays frozen.
    """
    modes = [(module, module.training) for module in model.modules()] if model is not None else []
    states = _states(generators)
    try:
        with torch.no_grad():
            if model is not None:
                model.eval()
            yield
    finally:
        for module, training in modes:
            module.training = training
        _restore(states, generators)


def _states(generators: Sequence[torch.Generator]) -> dict[str, Any]:
    found: dict[str, Any] = {"torch": torch.get_rng_state(), "python": random.getstate()}
    found["own"] = [generator.get_state() for generator in generators]
    if torch.cuda.is_available() and torch.cuda.is_initialized():
        found["cuda"] = torch.cuda.get_rng_state_all()
    if torch.backends.mps.is_available():
        found["mps"] = torch.mps.get_rng_state()
    if "numpy" in sys.modules:
        found["numpy"] = sys.modules["numpy"].random.get_state()
    return found


def _restore(states: dict[str, Any], generators: Sequence[torch.Generator]) -> None:
    torch.set_rng_state(states["torch"])
    random.setstate(states["python"])
    for generator, state in zip(generators, states["own"], strict=True):
        generator.set_state(state)
    if "cuda" in states:
        torch.cuda.set_rng_state_all(states["cuda"])
    if "mps" in states:
        torch.mps.set_rng_state(states["mps"])
    if "numpy" in states:
        sys.modules["numpy"].random.set_state(states["numpy"])
