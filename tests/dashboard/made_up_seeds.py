"""Runs that differ in the seed, and one that is better."""

import numpy as np

from barograph.db import Run, Store

STEPS = np.arange(1, 2001)


def loss(level, seed, speed=1.0):
    return level + 4 * (speed * STEPS) ** -0.5 + np.random.default_rng(seed).normal(0, 0.02, len(STEPS))


def seeds(path) -> Store:
    """Three runs that differ in the seed alone, and a better one with another learning rate."""
    store = Store(path)
    made = {"base 1": (2.0, 1, 1e-3), "base 2": (2.01, 2, 1e-3), "base 3": (1.99, 3, 1e-3), "better": (1.8, 4, 3e-3)}
    for name, (level, seed, lr) in made.items():
        config = {"lr": lr, "seed": seed, "model": {"width": 8}}
        points = {
            "loss": (STEPS, loss(level, seed)),
            "tokens": (STEPS, 100.0 * STEPS),
            ("lr", "0"): (STEPS, lr * (1 - 0.9 * STEPS / 2000)),
        }
        store.append(Run(name.replace(" ", "-"), name, started=float(seed), state="finished", config=config), points)
    return store
