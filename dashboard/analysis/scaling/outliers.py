"""Which runs do not belong to the law that the others follow, be they where they alone decide it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .descent import descend
from .law import ScalingLaw

BEYOND = 6.0  # robust standard deviations; more where the residuals have heavy tails
SUBSETS, SHARE = 40, 0.6  # fits to random parts of the table: some are free of outliers
MOST = 0.2  # of the table: more than that is another setup, not outliers
ROUNDS = 4


def spread(residual: np.ndarray, parameters: int) -> float:
    """Standard deviation of the bulk of the residuals, from their median size."""
    size = np.sort(np.abs(residual))[parameters // 2 :]  # the fit passes through some of the points
    return float(max(1.4826 * np.median(size), 1e-9))


def threshold(residual: np.ndarray, parameters: int) -> float:
    """What residuals of this bulk do not reach: further out where its own tails are heavier than a normal one's."""
    middle, outer = np.quantile(np.abs(residual), [0.5, 0.8])
    heavy = max(outer / max(middle, 1e-12) / 1.9, 1.0)  # 1.9 for a normal distribution, 2.3 for an exponential one
    return float(BEYOND * heavy**3 * spread(residual, parameters))


def outliers(
    law: ScalingLaw,
    at: Mapping[str, np.ndarray],
    loss: np.ndarray,
    x: np.ndarray,
    free: np.ndarray,
    delta: float,
    seed: int = 0,
) -> np.ndarray:
    """A mask (n,) of runs far from the law through the others.

    A single run at the edge of the table can pull the fit through itself, so residuals of the fit to all runs hide
    it. Fits to random parts of the table are judged by the best three quarters of their residuals; from the best of
    them on, runs beyond the threshold are set aside and the rest is fitted again until nothing changes."""
    count, parameters = len(loss), int(free.sum())
    none = np.zeros(count, bool)
    if count < 3 * parameters + 3:
        return none
    random = np.random.default_rng(seed)
    weights = np.ones((SUBSETS, count))
    for row in weights[1:]:
        row[random.permutation(count)[int(SHARE * count) :]] = 0
    tried, _ = descend(law, at, loss, np.repeat(x[None], SUBSETS, 0), weights, free, delta, last=25)
    residual = law.at(at, tried)[0] - law.link(loss)
    trimmed = np.sort(np.abs(residual), axis=1)[:, : int(0.75 * count)].mean(axis=1)
    best = int(np.nanargmin(trimmed))
    candidate, out = tried[best], none
    for _ in range(ROUNDS):
        residual = (law.at(at, candidate[None])[0] - law.link(loss))[0]
        found = np.abs(residual) > threshold(residual[~out], parameters)
        if found.sum() > MOST * count:
            return none
        if np.array_equal(found, out):
            break
        out = found
        candidate = descend(law, at, loss, candidate[None], 1.0 - out[None], free, delta)[0][0]
    return out
