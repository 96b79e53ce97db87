"""What people ask of a forecast: the loss if decayed now, the steps to a target, the best place to decay."""

from __future__ import annotations

import math

import numpy as np

from ....errors import CannotForecast
from ....interval import Interval
from .forecast import Forecast
from .futures.decay import decay_now
from .futures.hold import hold
from .schedule import Schedule

DECAYED = 0.02  # of the peak: a rate that has come so far down has decayed
DECAY = 0.2  # share of the steps that a decay takes unless another is asked for


def if_decayed_now(made: Forecast, schedule: Schedule, share: float = DECAY, kind: str = "linear") -> Forecast:
    """The loss that a decay started at the forecast's step would end at, over `share` of the steps so far.

    A run in its stable phase has a higher loss than after a decay: compare this number with a run that has decayed.
    Where the rate has decayed already, nothing is left to gain from it: the loss of now.
    """
    if 0 < made.at <= schedule.total and schedule.eta[made.at - 1] <= DECAYED * schedule.peak:
        return made if made.for_step <= made.at or not made.fits else made._filled(made.at, made.curve([made.at]))
    return made.under(decay_now(schedule, made.at, max(int(share * made.at), 1), kind))


def steps_to(
    made: Forecast, schedule: Schedule, target: float, horizon: int | None = None, share: float = DECAY
) -> Interval:
    """The total steps of the shortest run (hold the LR, then decay over the last `share`) that reaches `target`.

    The answer's `low` is reached with 5 % probability, `high` with 95 %. The search goes to `horizon` (default: ten
    times the steps so far); what lies beyond it is infinite. Multiply by seconds, tokens or FLOPs per step for other
    units."""
    if not made.fits:
        raise CannotForecast(f"no forecast, no answer: {made.verdict.value}")
    horizon = 10 * made.at if horizon is None else horizon
    ends = np.unique(np.geomspace(made.at * 1.02 + 1, horizon, 40).astype(int))
    reached = [made.under(_stopped(schedule, made.at, end, share)) for end in ends]

    def first(key: str) -> float:
        below = np.array([getattr(one, key) <= target for one in reached])
        if not below.any():
            return math.inf
        i = int(np.argmax(below))
        if i == 0:
            return float(ends[0])
        before, after = getattr(reached[i - 1], key), getattr(reached[i], key)
        return float(round(ends[i - 1] + (ends[i] - ends[i - 1]) * (before - target) / max(before - after, 1e-12)))

    return Interval(first("mid"), first("low90"), first("high90"))


def best_decay(
    made: Forecast, schedule: Schedule, total: int, kind: str = "linear", choices: int = 24
) -> tuple[int, Forecast]:
    """The length of the final decay that gives the lowest loss at step `total`, and the forecast with it."""
    if not made.fits:
        raise CannotForecast(f"no forecast, no answer: {made.verdict.value}")
    left = total - made.at
    if left < 2:
        raise CannotForecast(f"a budget of {total} steps leaves nothing to decide at step {made.at}")
    lengths = np.unique(np.linspace(max(left // 50, 1), left, choices).astype(int))
    tried = [made.under(hold(schedule, made.at, total, int(length), kind)) for length in lengths]
    best = int(np.argmin([one.interval().mid for one in tried]))
    return int(lengths[best]), tried[best]


def _stopped(schedule: Schedule, at: int, end: int, share: float) -> Schedule:
    return hold(schedule, at, end, min(max(int(share * end), 1), end - at))
