"""Optimal design: which extra small run would narrow the interval of a forecast most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ....errors import CannotForecast
from .fit import Fitted

SIZES, LENGTHS = 16, 16
EXACT = 1e-6  # of a logarithm: fits that differ by less are the same


@dataclass(frozen=True)
class Proposal:
    """A run worth making: its columns, its compute, and what share of the interval's width would be left."""

    at: dict[str, float]
    compute: float
    left: float


def next_run(fitted: Fitted, target: Mapping[str, float], budget: float) -> Proposal:
    """The run of at most `budget` FLOPs (6 N D) after which the interval of the loss at `target` is narrowest.

    Raises CannotForecast as `narrowing` does."""
    wanted = {name: np.array([float(target[name])]) for name in fitted.law.columns}
    return narrowing(fitted, fitted.law.at(wanted, fitted.draws)[0][:, 0], budget)


def narrowing(fitted: Fitted, draws: np.ndarray, budget: float) -> Proposal:
    """The run of at most `budget` FLOPs (6 N D) after which the interval of a number is narrowest.

    The number's `draws` (K,), the bootstrap's, say how it, t, and the loss of a candidate, z, move together, and a
    measurement of z with the noise s of single runs leaves var(t) - cov(t, z)^2 / (var(z) + s^2) (Bayesian c-optimal
    design). Candidates are no smaller and no shorter (in tokens per parameter) than the table's runs, since nobody has
    seen the law hold there, and at most three times as large and long. A run that counts less in the fit has more
    noise. Raises CannotForecast where none fits the budget, and where the draws do not differ."""
    at = _candidates(fitted, budget)
    measured = fitted.law.at(at, fitted.draws)[0]
    good = np.isfinite(draws) & np.isfinite(measured).all(1)
    if good.sum() < 2 or np.ptp(draws[good]) < EXACT:
        raise CannotForecast("the fits to parts of the runs agree: there is no interval that a run would narrow")
    draws, measured = draws[good] - draws[good].mean(), measured[good] - measured[good].mean(0)
    together = (draws @ measured) / len(draws)
    counts = (6 * at["params"] * at["tokens"] / fitted.table.compute.max()) ** fitted.law.emphasis
    kept = 1 - together**2 / ((np.mean(measured**2, axis=0) + fitted.noise**2 / counts) * np.mean(draws**2))
    best = int(np.argmin(kept))
    chosen = {name: float(values[best]) for name, values in at.items()}
    return Proposal(chosen, 6 * chosen["params"] * chosen["tokens"], float(np.sqrt(max(kept[best], 0.0))))


def _candidates(fitted: Fitted, budget: float) -> dict[str, np.ndarray]:
    """Runs within the budget, of sizes and lengths like the table's. Raises CannotForecast where there is none."""
    missing = [name for name in ("params", "tokens") if name not in fitted.law.columns]
    if missing:
        raise CannotForecast(f"the {fitted.law.title} does not know {' and '.join(missing)}: no run can be proposed")
    params, tokens = fitted.table.columns["params"], fitted.table.columns["tokens"]
    ratio = tokens / params
    sizes = np.geomspace(params.min(), params.max() * 3, SIZES)
    ratios = np.geomspace(ratio.min(), ratio.max() * 3, LENGTHS)
    size, length = (grid.ravel() for grid in np.meshgrid(sizes, ratios))
    fits = 6 * size * size * length <= budget
    if not fits.any():
        raise CannotForecast(f"no run of a size like those of the table fits into {budget:.3g} FLOPs")
    at = {"params": size[fits], "tokens": (size * length)[fits]}
    rest = {name: float(np.median(fitted.table.columns[name])) for name in fitted.law.columns if name not in at}
    if "unique_tokens" in rest:
        at["unique_tokens"] = at["tokens"]
        rest.pop("unique_tokens")
    return at | {name: np.full(int(fits.sum()), value) for name, value in rest.items()}
