"""A forecast where the learning rate to come is not known: over the plans that fit what was seen of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from .blend import LogEnd
from .forecast import Forecast
from .proposals import ProposedPlan
from .schedule import Schedule

CLOSE = 0.003  # misfit (share of the peak) of a plan that is as good as exact
LEAST = 0.05  # weight below which a plan is left out


def over_plans(
    plans: list[ProposedPlan], under: Callable[[Schedule], Forecast]
) -> tuple[Forecast, Schedule, dict[str, float]]:
    """The forecast over `plans`, with the likeliest of them, and the weight of each; `under` forecasts one.

    The middle is the weighted mean; the interval reaches over those of all plans. Constant, WSD, cosine and linear
    plans look alike until one of them bends: then all of them count."""
    misfit = np.array([plan.misfit for plan in plans])
    weights = np.exp(-np.square(misfit / CLOSE) / 2 + np.square(misfit.min() / CLOSE) / 2)
    weights /= weights.sum()
    kept = [(weight, plan) for weight, plan in zip(weights, plans, strict=True) if weight >= LEAST]
    made = [(weight, plan, under(plan.schedule)) for weight, plan in kept]
    shares = {plan.shape: float(weight / sum(one for one, _ in kept)) for weight, plan, _ in made}
    _, best, forecast = max(made, key=lambda one: one[0])
    told = [(share, one.interval(), one) for share, one in ((shares[p.shape], one) for _, p, one in made) if one.mid]
    if not forecast.mid or len(told) < 2:
        return forecast, best.schedule, shares
    mid = float(np.exp(np.average([np.log(one.mid) for _, one, _ in told], weights=[share for share, _, _ in told])))
    low90, high90 = min(one.low for _, one, _ in told), max(one.high for _, one, _ in told)
    low50, high50 = min(one.low50 or mid for _, _, one in told), max(one.high50 or mid for _, _, one in told)
    if forecast.tilt is not None:  # the fan of the likeliest plan leads to these numbers
        lift = forecast.tilt.lift + float(np.log(mid / forecast.mid))
        end = LogEnd(float(np.log(mid)), float(np.log(mid / low90)), float(np.log(high90 / mid)))
        forecast = replace(forecast, tilt=replace(forecast.tilt, lift=lift, end=end))
    numbers = replace(forecast, mid=mid, low50=low50, high50=high50, low90=low90, high90=high90)
    return numbers, best.schedule, shares
