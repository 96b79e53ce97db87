"""How much the final loss depends on the learning rate, where runs are a sweep over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ....db import Store
from ....db.records import Run
from ....errors import InvalidInput
from ....formatting import short
from ...analysis.statistics.configs import flat
from ...analysis.statistics.lr_sensitivity import Sensitivity, lr_sensitivity
from ..run_table import final_value

RATES = ("lr", "learning_rate", "peak_lr", "peak", "max_lr")  # what a configuration calls a learning rate


@dataclass(frozen=True, eq=False)
class Sweep:
    """Final losses (n,), means where runs share a rate, at increasing learning rates (n,), and what they come to."""

    rates: np.ndarray
    finals: np.ndarray
    sensitivity: Sensitivity

    def table(self) -> pd.DataFrame:
        return pd.DataFrame({"learning rate": self.rates, "final": self.finals})


def lr_sweep(store: Store, runs: Sequence[Run], signal: str) -> Sweep:
    """The sweep that the runs are. Raises InvalidInput where they have fewer than three learning rates."""
    found: dict[float, list[float]] = {}
    for run in runs:
        rate = configured_rate(run)
        if rate:
            end = final_value(store, run, signal)
            found.setdefault(rate, []).append(np.nan if end is None else end)
    rates = np.array(sorted(found))
    finals = np.array([np.mean(found[rate]) for rate in rates])
    start = max(_start(store, run, signal) for run in runs)
    return Sweep(rates, finals, lr_sensitivity(rates, finals, start))


def configured_rate(run: Run) -> float | None:
    """The learning rate that a run's configuration names."""
    config = flat(run.config)
    values = (config[key] for key in config if key.split(".")[-1] in RATES)
    return next((float(value) for value in values if isinstance(value, (int, float))), None)


def _start(store: Store, run: Run, signal: str) -> float:
    values = store.series(run.id, signal).values[:10]
    values = values[np.isfinite(values)]
    if not len(values):
        raise InvalidInput(f"{short(run.name, 60)} has no finite {signal} at its start")
    return float(values[0])
