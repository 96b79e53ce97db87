"""One fit: the most probable parameters of a law given runs and a prior, with their covariance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import cho_factor, cho_solve

from .law import Law
from .observe import Observed
from .schedule import LRHistory

OUTLIER = 2.5  # whitened residuals beyond this many standard deviations lose weight (Huber)


@dataclass(frozen=True, eq=False)
class Gaussian:
    """A normal distribution over the logarithms of a law's parameters."""

    mean: np.ndarray
    covariance: np.ndarray


@dataclass(frozen=True, eq=False)
class Posterior(Gaussian):
    """A fitted law: Gaussian over log parameters, and how well law and prior explain the data (log evidence)."""

    law: Law
    evidence: float
    converged: bool

    def predict(self, observed: Observed, steps: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Expected loss (m,) at `steps` of the observed run and its variance (m,); noise of single points is left
        out.
        """
        at = np.atleast_1d(np.asarray(steps, float))
        loss, slopes = self.law.at(LRHistory.of(observed.schedule, at), self.mean)
        slopes = slopes / loss[:, None]
        if len(observed.steps):
            fitted, seen = self.law.at(observed.view, self.mean)
            reach = 0.02 * observed.strange
            residual = np.clip(observed.loss / fitted - 1 - observed.settling(observed.steps), -reach, reach)
            carried = observed.carried(at, residual)[1]
            weights, _, variance = observed.cautious.carried(at, residual)
            slopes = slopes - weights @ (seen / fitted[:, None])
        else:
            carried, variance = np.zeros(len(at)), observed.cautious.misfit(at) ** 2
        variance = variance + np.einsum("mp,pq,mq->m", slopes, self.covariance, slopes)
        return loss * (1 + carried + observed.settling(at)), variance * loss**2


def fit(law: Law, runs: list[Observed], prior: Gaussian, start: np.ndarray | None = None, steps: int = 30) -> Posterior:
    """Maximise prior * likelihood over log parameters by damped Gauss-Newton, all runs sharing one set of parameters.

    Residuals are relative (loss / law - 1), whitened by each run's covariance and weighted after Huber, so a point that
    escaped the cleaning pulls the curve with a bounded force only. The covariance is that of the Gauss-Newton (Laplace)
    approximation.
    """
    root = np.linalg.cholesky(prior.covariance)
    unit = np.linalg.inv(root)

    def system(x: np.ndarray, runs: list[Observed] = runs) -> tuple[float, np.ndarray, np.ndarray]:
        curvature, gradient, cost = (
            unit.T @ unit,
            unit.T @ (unit @ (x - prior.mean)),
            0.5 * np.sum((unit @ (x - prior.mean)) ** 2),
        )
        for run in runs:
            fitted, slopes = law.at(run.view, x)
            both = run.whiten(
                np.column_stack([fitted / run.loss - 1 + run.settling(run.steps), slopes / run.loss[:, None]])
            )
            residual, slopes = both[:, 0], both[:, 1:]
            size = np.abs(residual)
            weight = np.where(size > OUTLIER, OUTLIER / np.maximum(size, 1e-12), 1.0)
            curvature = curvature + slopes.T @ (weight[:, None] * slopes)
            gradient = gradient + slopes.T @ (weight * residual)
            cost += np.sum(np.where(size > OUTLIER, OUTLIER * (size - OUTLIER / 2), residual**2 / 2))
        return cost, gradient, curvature

    x = np.array(prior.mean if start is None else start, float)
    cost, gradient, curvature = system(x)
    damping, converged = 1e-3, False
    for _ in range(steps):
        factor = cho_factor(curvature + damping * np.diag(np.diag(curvature)))
        step = -cho_solve(factor, gradient)
        step *= min(1.0, 1.0 / max(np.abs(step).max(), 1e-12))
        trial = system(x + step)
        if np.isfinite(trial[0]) and trial[0] <= cost:
            gain, x, (cost, gradient, curvature) = cost - trial[0], x + step, trial
            damping = max(damping / 5, 1e-9)
            if gain < 1e-4:
                converged = True
                break
        else:
            damping *= 8
            if damping > 1e8:
                break
    evidence = -cost - np.sum(np.log(np.diag(root))) - 0.5 * np.linalg.slogdet(curvature)[1]
    evidence -= sum(np.sum(np.log(np.diag(run.factor))) for run in runs)
    covariance = np.linalg.inv(system(x, [run.cautious for run in runs])[2])
    return Posterior(x, covariance, law, float(evidence), converged)
