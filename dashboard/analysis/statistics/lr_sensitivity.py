"""How much the final loss of a model depends on the learning rate: small where almost any rate will do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ....errors import InvalidInput

TOLERANCE = 0.02  # in log(rate): rates that differ by less are one point of the grid


@dataclass(frozen=True)
class Sensitivity:
    """`value` in nats over the `rates` of the grid [n]; `best` is the least final loss and `best_rate` where it is."""

    value: float
    rates: np.ndarray
    best: float
    best_rate: float
    failed: int  # rates at which the loss was not finite or not below that at the start


def lr_sensitivity(rates: np.ndarray, finals: np.ndarray, start: float) -> Sensitivity:
    """The mean over the grid of min(final loss, start) - best: what a wrong learning rate costs on average.

    Look at it to compare interventions: one that lowers it makes a model easier to train, though its best loss may be
    the same. A final loss that is not finite, or above the loss at the start, counts as the loss at the start.

        E = mean_k [ min(l(eta_k), l_0) ] - min_k l(eta_k),   eta_k log-uniform, l in nats          (arXiv:2309.14322)

    rates: learning rates eta_k [n], n >= 3, equally far apart in log. finals: their final losses [n]. start: l_0.
    Raises ValueError for a grid that is not log-uniform, for too few rates, and where no final loss is finite.

    >>> round(lr_sensitivity(np.array([1e-3, 1e-2, 1e-1]), np.array([2.0, 2.6, np.nan]), start=5.0).value, 6)
    1.2
    """
    rates, finals = np.asarray(rates, float), np.asarray(finals, float)
    _check_shapes(rates, finals)
    order = np.argsort(rates)
    rates, finals = rates[order], finals[order]
    _check(rates, finals, start)
    counted = np.where(np.isfinite(finals), np.minimum(finals, start), start)
    best = int(np.argmin(counted))
    return Sensitivity(
        value=float(counted.mean() - counted[best]),
        rates=rates,
        best=float(counted[best]),
        best_rate=float(rates[best]),
        failed=int((~(finals < start)).sum()),
    )


def common_grid(sweeps: Mapping[str, np.ndarray]) -> np.ndarray:
    """The rates that all sweeps have, increasing: sensitivities over different grids cannot be compared.

    Raises ValueError where there are fewer than three.
    """
    grids = [np.sort(np.asarray(rates, float)) for rates in sweeps.values()]
    common = grids[0] if grids else np.empty(0)
    for grid in grids[1:]:
        common = np.array([r for r in common if len(grid) and np.abs(np.log(grid / r)).min() < TOLERANCE])
    if len(common) < 3:
        raise InvalidInput(
            f"the sweeps {', '.join(sweeps)} share {len(common)} learning rates: expected at least 3; train them "
            "at the same ones"
        )
    return common


def _check_shapes(rates: np.ndarray, finals: np.ndarray) -> None:
    if rates.shape != finals.shape or rates.ndim != 1 or len(rates) < 3:
        raise InvalidInput(
            f"{np.size(rates)} learning rates and {np.size(finals)} losses: expected at least 3, one loss for each rate"
        )


def _check(rates: np.ndarray, finals: np.ndarray, start: float) -> None:
    if not (np.isfinite(rates).all() and (rates > 0).all()):
        raise InvalidInput(f"learning rates {rates.tolist()}: expected positive, finite numbers")
    if not np.isfinite(start):
        raise InvalidInput(f"the loss at the start is {start}: expected a finite number")
    if not (finals < start).any():
        raise InvalidInput("no run of the sweep ends below its start: there is no best loss to compare with")
    steps = np.diff(np.log(rates))
    if steps.max() - steps.min() > 0.1 * steps.mean() + TOLERANCE:
        raise InvalidInput(
            f"learning rates {', '.join(f'{r:g}' for r in rates)} are not equally far apart in log: expected a "
            "log-uniform grid, such as 0.001, 0.01, 0.1"
        )
