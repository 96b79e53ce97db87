"""Runs in a store that follow a law of the loss, for the tests of forecasts."""

from __future__ import annotations

import numpy as np

from barograph.db import Plan, Run, Store

TOTAL = 4000


def rate(peak: float = 1e-3, total: int = TOTAL) -> np.ndarray:
    """Warm-up over 100 steps, then linear to zero over the last fifth; the LR of steps 1..total."""
    steps = np.arange(1, total + 1)
    return peak * np.minimum(1, steps / 100) * np.clip((total - steps) / (total / 5), 0, 1)


def loss(lr: np.ndarray, seed: int = 0, noise: float = 0.002) -> np.ndarray:
    """The LR-annealing law with lambda = .99 and white noise, for every step."""
    s1 = np.cumsum(lr)
    drops = np.append(0.0, np.maximum(lr[:-1] - lr[1:], 0.0))
    momentum = np.zeros(len(lr))
    for k in range(1, len(lr)):
        momentum[k] = 0.99 * momentum[k - 1] + drops[k]
    clean = 2.5 + 0.5 * (s1 + 1e-3) ** -0.5 - 1.5 * np.cumsum(momentum)
    return clean * (1 + noise * np.random.default_rng(seed).standard_normal(len(lr)))


def add(store: Store, name: str, seen: int = TOTAL, *, seed: int = 0, plan: bool = True, **about) -> Run:
    lr = rate()
    steps = np.arange(1, seen + 1)
    about = {"state": "finished", "started": 1e9, "last_seen": 1e9, "steps_planned": TOTAL, "project": "p"} | about
    run = Run(name, name, size={"non_embedding": 10**8}, tokens_per_step=1e5, **about)
    points = {("lr", "0"): (steps, lr[:seen]), "loss": (steps, loss(lr, seed)[:seen])}
    plans = [Plan(np.arange(1, TOTAL + 1), lr)] if plan else []
    store.append(run, points, plans=plans)
    return store.run(name)
