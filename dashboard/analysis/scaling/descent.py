"""Many robust fits at once: starts, bootstrap draws and profiles go down the same Huber objective side by side."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .law import ScalingLaw

DELTA = 1e-3  # Huber's threshold on log loss: the field's, nearly median regression
WIDER = (0.1, 0.02, 0.005)  # thresholds on the way to it: smooth far away, exact at the end
ROUNDS, LAST = 12, 120


def huber(residual: np.ndarray, delta: float) -> np.ndarray:
    """Half the square within `delta`, linear beyond."""
    size = np.abs(residual)
    return np.where(size <= delta, 0.5 * residual**2, delta * (size - 0.5 * delta))


def descend(
    law: ScalingLaw,
    at: Mapping[str, np.ndarray],
    loss: np.ndarray,
    x: np.ndarray,
    weights: np.ndarray | None = None,
    free: np.ndarray | None = None,
    delta: float = DELTA,
    wider: tuple[float, ...] = WIDER,
    last: int = LAST,
) -> tuple[np.ndarray, np.ndarray]:
    """Minimise sum_i w_i Huber(law_i - loss_i) from every row of `x` (K, p); gives the rows and their objectives.

    Steps solve (J' N J + mu J' M J) d = -J' psi. N counts the points within the threshold (Newton), M is the weight
    under which a weighted least-squares step is sure to go down; mu grows where a step fails. `weights` (K, n) are
    those of bootstrap draws; `free` (p,) says which parameters move."""
    x = np.array(x, float)
    free = np.ones(x.shape[1], bool) if free is None else np.asarray(free, bool)
    target = law.link(loss)
    weights = np.ones((1, len(target))) if weights is None else weights
    for width, rounds in [*((wide, ROUNDS) for wide in wider if wide > delta), (delta, last)]:
        x, cost = _descend(law, at, target, x, np.broadcast_to(weights, (len(x), len(target))), free, width, rounds)
    return x, cost


def _descend(
    law: ScalingLaw,
    at: Mapping[str, np.ndarray],
    target: np.ndarray,
    x: np.ndarray,
    weights: np.ndarray,
    free: np.ndarray,
    delta: float,
    rounds: int,
) -> tuple[np.ndarray, np.ndarray]:
    x, count = x.copy(), int(free.sum())
    residual, slopes = _residual(law, at, target, x)
    cost = _cost(weights, residual, delta)
    mu, live = np.full(len(x), 1e-2), np.isfinite(cost)
    for _ in range(rounds):
        if not live.any() or not count:
            break
        J, r, w = slopes[live][..., free], residual[live], weights[live]
        size = np.abs(r)
        gradient = np.einsum("knp,kn->kp", J, w * np.clip(r, -delta, delta))
        inside = np.einsum("knp,kn,knq->kpq", J, w * (size <= delta), J, optimize=True)
        sure = np.einsum("knp,kn,knq->kpq", J, w * np.minimum(1, delta / np.maximum(size, 1e-300)), J, optimize=True)
        matrix = inside + mu[live, None, None] * sure
        scale = np.sqrt(np.maximum(np.einsum("kpp->kp", matrix), 1e-300))
        matrix = matrix / (scale[:, :, None] * scale[:, None, :]) + 1e-12 * np.eye(count)
        step = -np.linalg.solve(matrix, (gradient / scale)[..., None])[..., 0] / scale
        step *= np.minimum(1, 2.0 / np.maximum(np.abs(step).max(1), 1e-300))[:, None]
        tried = x[live].copy()
        tried[:, free] += step
        new_residual, new_slopes = _residual(law, at, target, tried)
        new_cost = _cost(w, new_residual, delta)
        where = np.flatnonzero(live)
        better = new_cost < cost[where]
        gain = np.where(better, cost[where] - new_cost, 0.0)
        took = where[better]
        x[took], residual[took], slopes[took] = tried[better], new_residual[better], new_slopes[better]
        small = np.abs(step).max(1) < 1e-9
        done = (better & (gain < 1e-13 * cost[where]) & (mu[where] < 1)) | small | (mu[where] > 1e8)
        cost[took] = new_cost[better]
        mu[where] = np.clip(np.where(better, mu[where] / 4, mu[where] * 5), 1e-9, 1e9)
        live[where[done]] = False
    return x, np.where(np.isfinite(cost), cost, np.inf)


def _residual(
    law: ScalingLaw, at: Mapping[str, np.ndarray], target: np.ndarray, x: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    value, slopes = law.at(at, x)
    return value - target, slopes


def _cost(weights: np.ndarray, residual: np.ndarray, delta: float) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        cost = np.sum(weights * huber(residual, delta), axis=1)
    return np.where(np.isfinite(cost), cost, np.inf)
