"""Forecasts held against what happened."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...db import Prediction, Store
from .run_forecast import RunForecast


@dataclass(frozen=True)
class Score:
    """A forecast held against what happened: the error in percent, and whether the intervals held."""

    prediction: Prediction
    truth: float
    error_pct: float
    in50: bool
    in90: bool


def score(prediction: Prediction, truth: float) -> Score:
    """The error in percent of the truth, and which intervals held it."""
    return Score(
        prediction,
        truth,
        100 * (prediction.mid - truth) / truth,
        prediction.low50 <= truth <= prediction.high50,
        prediction.low90 <= truth <= prediction.high90,
    )


def scores(store: Store, found: RunForecast) -> list[Score]:
    """The forecasts that were made while an ended run was running, against where it ended."""
    earlier = [p for p in store.predictions(found.run) if np.isfinite(p.mid) and p.signal == found.signal]
    return [score(p, found.reached) for p in earlier if p.for_step <= found.steps[-1] + 1]
