"""What people ask of the Kaplan law: steps, tokens and the batch size to reach a loss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ....errors import CannotForecast
from .allocation import _all, _answer
from .estimate import Estimate
from .fit import Fitted
from .laws.kaplan import critical_batch


@dataclass(frozen=True)
class Path:
    """What reaching a loss takes at one batch size."""

    steps: Estimate
    tokens: Estimate
    critical: Estimate  # batch size in tokens at which a run takes twice the fewest steps and twice the fewest tokens


def _constants(fitted: Fitted) -> dict[str, np.ndarray]:
    if "B_star" not in fitted.law.parameters:
        raise CannotForecast("batch sizes need the Kaplan law and runs with the columns steps and batch")
    return dict(zip(fitted.law.parameters, np.exp(_all(fitted)).T, strict=True))


def critical_batch_at(fitted: Fitted, loss: float) -> Estimate:
    """B_crit(L) in tokens: above it more batch saves hardly any steps, below it more costs hardly any tokens."""
    c = _constants(fitted)
    return _answer(fitted, critical_batch(loss, c["B_star"], c["alpha_B"]))


def steps_to(fitted: Fitted, params: float, target: float, batch: float) -> Path:
    """Steps and tokens to a loss: S_min = S_c / (L - L(N, inf))^(1 / alpha_S), S = S_min * (1 + B_crit(L) / B)."""
    c = _constants(fitted)
    left = target - (c["N_c"] / params) ** c["alpha_N"]
    fewest = c["S_c"] / np.where(left > 0, left, np.nan) ** (1 / c["alpha_S"])
    critical = critical_batch(target, c["B_star"], c["alpha_B"])
    steps = np.where(left > 0, fewest * (1 + critical / batch), np.inf)
    return Path(_answer(fitted, steps), _answer(fitted, steps * batch), _answer(fitted, critical))


def smallest_loss_of(fitted: Fitted, params: float) -> Estimate:
    """L(N, infinite steps) = (N_c / N)^alpha_N."""
    c = _constants(fitted)
    return _answer(fitted, (c["N_c"] / params) ** c["alpha_N"])
