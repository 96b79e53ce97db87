"""A ladder of finished runs that follow the Chinchilla law, with short curves under a decaying learning rate."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from barograph.dashboard.analysis.scaling import known_laws
from barograph.db import Description, Run, Store

TRUE = {"E": 1.8, "A": 480.0, "alpha": 0.35, "B": 2000.0, "beta": 0.36}
SIZES, RATIOS, NOISE = (2e7, 6e7, 2e8, 6e8), (5, 10, 20, 40, 80), 0.003
MEANT = [Description("val_loss", "nats", "held out", "lower"), Description("lr", "", "rate", "neither", ("group",))]


def table(seed: int = 0, noise: float = NOISE) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Parameters, tokens and final losses of the ladder."""
    params, ratio = (grid.ravel() for grid in np.meshgrid(SIZES, RATIOS))
    loss = known_laws()["chinchilla"]({"params": params, "tokens": ratio * params}, **TRUE)
    return params, ratio * params, loss * np.exp(noise * np.random.default_rng(seed).standard_normal(len(params)))


def ladder(path: Path, project: str = "ladder", config: dict | None = None, end: float = 0.0) -> None:
    """One finished run a rung, its validation loss falling to the final one; `end` is its last LR over the peak."""
    steps, store = np.arange(100, 2001, 100), Store(path)
    for i, (params, tokens, loss) in enumerate(zip(*table(), strict=True)):
        name = f"{project}-{i}"
        rate = 1e-3 * np.minimum(1, end + (1 - end) * (2000 - steps) / 800)
        run = Run(
            name, name, project, started=1e9 + i, ended=2e9, state="finished", steps_planned=2000, config=config or {},
            size={"total": int(params), "non_embedding": int(params)}, tokens_per_step=tokens / 2000,
        )  # fmt: skip
        curve = loss * (1 + 0.3 * ((steps / 2000) ** -0.4 - 1))
        curve[-3:] = loss
        store.append(run, {"val_loss": (steps, curve), ("lr", "0"): (steps, rate)}, descriptions=MEANT)
