"""Runs that follow a law, so that their forecasts are known to be possible: finished, half-way, without a plan."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from barograph.db import Description, Plan, Run, RunWriter, Store

STEPS, PEAK = 4000, 1e-3


def curve(seed: int = 0, end: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Steps, learning rate (warm-up, stable, linear decay over the last fifth) and loss of a run."""
    steps = np.arange(1, STEPS + 1)
    rate = PEAK * np.minimum(np.minimum(steps / 200, 1), end + (1 - end) * np.minimum((STEPS - steps) / 800, 1))
    annealed = np.cumsum(PEAK - rate[200:]) / PEAK
    loss = 2.5 + 0.6 * (np.cumsum(rate) / PEAK / 1000) ** -0.45
    loss[200:] -= 0.12 * annealed / (annealed + 150)
    return steps, rate, loss + 0.004 * np.random.default_rng(seed).standard_normal(STEPS)


def points(seed: int, upto: int) -> dict:
    steps, rate, loss = (column[:upto] for column in curve(seed))
    few = slice(24, None, 25)
    return {
        "val_loss": (steps[few], loss[few]),
        ("lr", "0"): (steps, rate),
        "time": (steps, 0.5 * steps),
        "tokens": (steps, 1000.0 * steps),
        "grad_norm": (steps, 0.5 + 2 / np.sqrt(steps)),
    }


MEANT = [Description("val_loss", "nats", "held out", "lower"), Description("lr", "", "rate", "neither", ("group",))]
SIZE = {"size": {"total": 30_000_000, "non_embedding": 28_000_000}, "flops_per_token": 1.7e8, "project": "p"}


def finished(path: Path, name: str = "done", seed: int = 0) -> str:
    run = Run(name, name, started=1e9, ended=1e9 + 2000, state="finished", steps_planned=STEPS, **SIZE)
    Store(path).append(run, points(seed, STEPS), descriptions=MEANT)
    return run.id


def half_way(path: Path, plan: bool = True) -> RunWriter:
    """A running run at its middle; the caller keeps the writer, which is what makes it running."""
    writer = RunWriter.open(path, Run("", "half-way", steps_planned=STEPS, **SIZE))
    for description in MEANT:
        writer.describe(description)
    if plan:
        steps, rate, _ = curve()
        writer.plan(Plan(steps[49::50], rate[49::50]))
    for key, (steps, values) in points(1, STEPS // 2).items():
        writer.columns(steps.astype(np.int64), (key,), values[:, None])
    writer.tend()
    return writer
