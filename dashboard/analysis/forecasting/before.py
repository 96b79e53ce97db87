"""Forecasts from other moments: before a run has started, and at earlier steps of this one (the back-test of a run)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .fit import Posterior
from .forecast import Forecast, evidence_sentence, forecast, values_of
from .law import known_laws
from .observe import Observed
from .population import WEIGHTS, Library
from .prior import Setup, prior
from .schedule import LRHistory, Schedule
from .verdict import Verdict


def before_start(schedule: Schedule, *, setup: Setup, library: Library) -> Forecast:
    """What a schedule would give, from finished runs of the same project alone. Refused where there are none.

    The population of public runs cannot tell the level of a loss on other data, so without a run of the same project
    there is no number."""
    blank = Observed(schedule, np.empty(0), np.empty(0), np.empty(0), 0.0)
    known = [
        one
        for one in library.known[next(iter(WEIGHTS))]
        if one.setup.project == setup.project and one.setup.loss_kind == setup.loss_kind
    ]
    if not library.runs or not known:
        return Forecast(0, schedule.total, Verdict.TOO_FEW)
    level, fits = float(np.exp(np.mean([one.mean[0] for one in known]))), []
    for name in WEIGHTS:
        law = known_laws()[name]
        if law.supports(LRHistory.of(schedule, [schedule.total])):
            before = prior(law, setup, library.about(name, setup), level, anchored=False)
            fits.append((Posterior(before.mean, before.covariance, law, 0.0, True), blank))
    made = Forecast(
        0,
        schedule.total,
        Verdict.BORROWED,
        fits=tuple(fits),
        library=library,
        law=" + ".join(one.law.title for one, _ in fits),
        parameters=values_of(fits[0][0]),
    )
    made = replace(made, evidence=evidence_sentence(library, setup, fits[0][0], fits[0][0]))
    return made._filled(schedule.total, made.curve([schedule.total]))


def past_forecasts(
    steps: Sequence[float],
    losses: Sequence[float],
    schedule: Schedule,
    *,
    setup: Setup,
    library: Library,
    fractions: Sequence[float] = (0.2, 0.3, 0.5, 0.7),
    for_step: int | None = None,
) -> list[Forecast]:
    """What would have been said of the loss at `for_step` (default: the last step seen) at fractions of the way there.

    One looks at it to know how far to trust the forecast on the screen: each was made from the points up to its own
    `at` alone."""
    seen = np.asarray(steps, float)
    for_step = int(seen[-1] if for_step is None else for_step)
    return [
        forecast(seen, losses, schedule, setup=setup, library=library, at=int(fraction * for_step), for_step=for_step)
        for fraction in fractions
    ]
