"""A run's forecast with what it was made from, and the row of the store that it becomes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...db import Prediction
from ...errors import CannotForecast
from ..analysis.forecasting import Forecast, Schedule

SMOOTH = 10  # training losses that the end of a short run is the mean of, where they are at most a tenth of it
GUESSED = "guessed from the learning rate so far"  # how the origin of such a schedule begins
NO_FORECAST = {"mid": np.nan, "low50": np.nan, "high50": np.nan, "low90": np.nan, "high90": np.nan}


@dataclass(frozen=True, eq=False)
class RunForecast:
    """A forecast with what it was made from: `signal` at `steps`, `losses`, and the LR with its `origin`.

    Up to step `since` another loss was what is forecast: before it this one had too few points.
    """

    run: str
    signal: str
    steps: np.ndarray
    losses: np.ndarray
    schedule: Schedule | None
    origin: str
    forecast: Forecast
    since: int = 0

    @property
    def known_schedule(self) -> Schedule:
        """The learning rate, recorded and planned. Raises CannotForecast where it is not known."""
        if self.schedule is None:
            raise CannotForecast(self.origin)
        return self.schedule

    @property
    def guessed(self) -> bool:
        """Whether the learning rate to come is a guess, for the user to settle."""
        return self.schedule is None or self.origin.startswith(GUESSED)

    @property
    def reached(self) -> float:
        """The loss at the end of what was seen; see `final_loss`."""
        return final_loss(self.signal, self.steps, self.losses)

    @property
    def reached_at(self) -> int:
        """The step that `reached` belongs to: the middle of the points behind it."""
        last = _last(self.signal, self.steps, self.losses)
        return int(round(self.steps[last].mean())) if len(last) else 0


def final_loss(signal: str, steps: np.ndarray, losses: np.ndarray) -> float:
    """The mean of the last 3 validation losses, or of the last 1 % of the training losses (of `SMOOTH` in a short run).

    NaN where nothing is finite."""
    last = _last(signal, steps, losses)
    return float(losses[last].mean()) if len(last) else float("nan")


def as_prediction(found: RunForecast) -> Prediction:
    """The numbers of a forecast as a row of the store."""
    forecast = found.forecast
    numbers = {name: getattr(forecast, name) for name in NO_FORECAST} if forecast.mid is not None else NO_FORECAST
    prediction = Prediction(forecast.at, forecast.for_step, found.signal, **numbers)
    return replace(prediction, law=forecast.law, evidence=forecast.evidence, verdict=forecast.verdict.value)


def _last(signal: str, steps: np.ndarray, losses: np.ndarray) -> np.ndarray:
    keep = np.flatnonzero(np.isfinite(losses))
    if signal != "loss":
        return keep[-3:]
    if not len(keep):
        return keep
    late = int(np.sum(steps[keep] > 0.99 * steps[-1]))
    if late < SMOOTH // 2:  # single batches are noisy: the last per cent of a short run is one or two of them
        late = max(late, min(SMOOTH, len(keep) // 10), 1)
    return keep[-late:]
