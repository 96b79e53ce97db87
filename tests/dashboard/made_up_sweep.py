"""A sweep of the learning rate."""

import numpy as np

from barograph.db import Run, Store

STEPS = np.arange(1, 400)


def sweep(path, names=("a", "b", "c", "d")) -> Store:
    store = Store(path)
    for k, name in enumerate(names):
        rng = np.random.default_rng(k)
        loss = 2 + 0.2 * abs(k % 4 - 1) + 3 * STEPS**-0.5 + rng.normal(0, 0.01, len(STEPS))
        run = Run(
            f"run{k}",
            name,
            started=float(k + 1),
            state="finished",
            config={"lr": 10.0 ** (k % 4 - 4), "model": {"w": 8}},
        )
        store.append(run, {"loss": (STEPS, loss), "tokens": (STEPS, 10.0 * STEPS)})
    return store
