"""The logged losses of one run, made ready for a fit: cleaned, binned, and with the covariance of their errors."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import cho_solve, solve_triangular

from ....errors import CannotForecast
from .schedule import LRHistory, Schedule

BINS = 100  # most points a fit looks at
MISFIT = 0.0008  # standard deviation of what no law describes, relative to the loss
CAUTION = 2.0  # how much larger intervals take it where the LR has fallen to 0: decays are described less well
MEMORY = 0.5  # over how many e-folds of training such a misfit persists
SETTLING = 500  # steps that a run takes to settle on any law


@dataclass(frozen=True, eq=False)
class Observed:
    """Binned losses of a run with the covariance of log loss around any law.

    Neighbouring residuals of a loss curve are not independent: beside white noise of the evaluation (over the points
    of a bin) there is what the law does not describe, which persists over a factor of e^MEMORY in training time.
    Treating such points as independent makes intervals many times too narrow."""

    schedule: Schedule
    steps: np.ndarray
    loss: np.ndarray
    white: np.ndarray  # variance of the mean of each bin, relative to the loss
    noise: float  # standard deviation of one logged point, relative to the loss
    spikes: np.ndarray = field(default_factory=lambda: np.empty(0))  # steps left out of the fit
    strange: float = 1.0  # how many times more this run departs from the laws than those the laws are known from
    caution: float = 0.0  # CAUTION where the errors are for an interval, 0 where they weigh points in a fit

    @classmethod
    def of(cls, steps: np.ndarray, losses: np.ndarray, schedule: Schedule, start: int | None = None) -> Observed:
        """Clean, finite, post-warm-up points, averaged over bins evenly spaced in log time and in LR change."""
        steps, losses = np.asarray(steps, float), np.asarray(losses, float)
        start = schedule.warmup if start is None else start
        keep = np.isfinite(losses) & (losses > 0) & (steps > start) & (steps <= schedule.total)
        steps, losses = steps[keep], losses[keep]
        if len(steps) < 4:
            return cls(schedule, steps, losses, np.full(len(steps), 1e-6), 1e-3)
        spike = find_spikes(losses)
        spikes, steps, losses = steps[spike], steps[~spike], losses[~spike]
        noise = white_noise(losses)
        lr = np.interp(steps, schedule.steps, schedule.lr) / schedule.peak
        place = np.log(steps) + np.concatenate([[0], np.cumsum(np.abs(np.diff(lr)))])
        share = (place - place[0]) / max(place[-1] - place[0], 1e-9)
        _, inverse, count = np.unique(
            np.minimum(share * BINS, BINS - 1).astype(int), return_inverse=True, return_counts=True
        )
        middle, mean = (np.bincount(inverse, values) / count for values in (steps, losses))
        return cls(schedule, middle, mean, noise**2 / count, noise, spikes)

    @cached_property
    def view(self) -> LRHistory:
        return LRHistory.of(self.schedule, self.steps)

    @cached_property
    def cautious(self) -> Observed:
        """The same with the errors that an interval takes: larger where the LR has fallen."""
        wide = replace(self, caution=CAUTION)
        wide.__dict__["view"] = self.view  # the same steps: no need to build it again
        return wide

    def view_at(self, steps: ArrayLike) -> LRHistory:
        return LRHistory.of(self.schedule, steps)

    def under(self, schedule: Schedule) -> Observed:
        """The same losses with another future. Raises ValueError where `schedule` has another past."""
        last = int(self.steps[-1])
        if schedule.total < last or not np.allclose(
            schedule.eta[:last], self.schedule.eta[:last], rtol=1e-3, atol=1e-3 * self.schedule.peak
        ):
            raise CannotForecast(f"a future must share the learning rate of the past, up to step {last}")
        return replace(self, schedule=schedule)

    def settling(self, steps: np.ndarray) -> np.ndarray:
        """How far the loss still lies above any law soon after the warm-up, relative to the loss (mean over runs)."""
        age = np.maximum(steps - 0.8 * self.schedule.warmup, 1)
        return np.asarray(np.minimum(0.008 * (SETTLING / age) ** 2, 0.05))

    def misfit(self, steps: np.ndarray) -> np.ndarray:
        """Standard deviation of the law's misfit at `steps`, relative to the loss."""
        lr = np.interp(steps, self.schedule.steps, self.schedule.lr) / self.schedule.peak
        decayed = np.where(steps > self.schedule.warmup, 1 - lr, 0.0)
        return self.strange * (MISFIT * (1 + self.caution * decayed) + 0.8 * self.settling(steps))

    def covariance(self, steps: np.ndarray, others: np.ndarray) -> np.ndarray:
        gap = np.abs(np.log(np.maximum(steps, 1))[:, None] - np.log(np.maximum(others, 1)))
        return np.asarray(self.misfit(steps)[:, None] * self.misfit(others) * np.exp(-gap / MEMORY))

    @cached_property
    def factor(self) -> np.ndarray:
        """Lower Cholesky factor of the covariance of the relative residuals."""
        return np.linalg.cholesky(self.covariance(self.steps, self.steps) + np.diag(self.white + 1e-10))

    def whiten(self, relative: np.ndarray) -> np.ndarray:
        return solve_triangular(self.factor, relative, lower=True, check_finite=False)

    def carried(self, steps: np.ndarray, residual: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What the residuals so far say about the misfit at `steps`: weights (m, n), mean (m,) and variance (m,)."""
        cross = self.covariance(steps, self.steps)
        weights = cho_solve((self.factor, True), cross.T, check_finite=False).T
        return weights, weights @ residual, np.maximum(self.misfit(steps) ** 2 - np.sum(weights * cross, axis=1), 0)


def white_noise(losses: np.ndarray) -> float:
    """Standard deviation of the noise of single points relative to the loss, from second differences (trends drop
    out).
    """
    logs = np.log(losses)
    if len(logs) < 5:
        return 1e-3
    return float(max(1.4826 * np.median(np.abs(np.diff(logs, 2))) / np.sqrt(6), 1e-5))


def find_spikes(losses: np.ndarray, width: int = 4, threshold: float = 8.0) -> np.ndarray:
    """Points far *above* the median of their neighbours (`width` on each side), in units of the local noise."""
    logs = np.log(losses)
    padded = np.pad(logs, width, mode="reflect" if len(logs) > width else "edge")
    local = np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * width + 1), axis=1)
    away = logs - local
    scale = max(1.4826 * np.median(np.abs(away)), 1e-5)
    spike = away > threshold * scale
    spike[: 2 * width] = False  # the first fall is steep, not spiky
    return np.asarray(spike & (away > 0.003))
