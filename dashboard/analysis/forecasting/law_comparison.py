"""All laws side by side on one run: their parameters, residuals and forecasts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ....errors import CannotForecast
from ....interval import Interval
from .fit import Gaussian, Posterior, fit
from .forecast import values_of
from .law import Law, known_laws
from .observe import Observed
from .population import Library
from .prior import Setup, prior
from .schedule import Schedule


@dataclass(frozen=True, eq=False)
class Compared:
    """One law fitted to a run: relative residuals (loss / law - 1) at `steps`, and the loss it
    expects at the end with its 90 % interval (of this law alone: that laws disagree is not in it)."""

    law: Law
    parameters: Mapping[str, Interval]
    steps: np.ndarray
    residuals: np.ndarray
    final: Interval
    posterior: Posterior

    @property
    def evidence(self) -> float:
        return self.posterior.evidence


def compare(
    steps: ArrayLike,
    losses: ArrayLike,
    schedule: Schedule,
    *,
    setup: Setup,
    library: Library,
    at: int | None = None,
) -> list[Compared]:
    """Every law of the folder that is defined for this run, best explanation of the data first.

    Laws that the library knows are fitted under its prior, the others under their typical values.
    """
    x, y = np.asarray(steps, float), np.asarray(losses, float)
    keep = x <= (x[-1] if at is None else at)
    observed = Observed.of(x[keep], y[keep], schedule)
    if len(observed.steps) < 4:
        raise CannotForecast(
            f"comparing laws needs at least 4 losses after the warm-up (step {schedule.warmup}), "
            f"got {len(observed.steps)}"
        )
    level, result = float(np.median(observed.loss[-3:])), []
    for name, law in known_laws().items():
        if not law.supports(observed.view):
            continue
        before: Gaussian = prior(law, setup, library.about(name, setup) if name in library.known else [], level)
        found = fit(law, [observed], before)
        fitted = law.at(observed.view, found.mean)[0]
        mean, variance = found.predict(observed, [schedule.total])
        mid, half = float(mean[0]), 1.645 * float(np.sqrt(variance[0]))
        result.append(
            Compared(
                law,
                values_of(found),
                observed.steps,
                observed.loss / fitted - 1,
                Interval(mid, mid - half, mid + half),
                found,
            )
        )
    return sorted(result, key=lambda one: -one.evidence)
