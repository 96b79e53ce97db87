"""What a step of a run takes: tokens, seconds, FLOPs, money."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...db import Run, Store
from ...errors import StoreError
from ...formatting import count, duration


@dataclass(frozen=True)
class Pace:
    """What a step of the run costs: tokens, seconds and FLOPs, NaN where the run did not record what it takes."""

    tokens: float
    seconds: float
    flops: float
    price: float = 0.0  # of an hour, in the user's currency

    def row(self, steps: int, more: int) -> dict[str, str | float]:
        """What a run of `steps` steps takes, `more` of them still to come."""
        left = more * self.seconds
        return {
            "tokens": count(steps * self.tokens),
            "FLOPs": f"{steps * self.flops:.2e}" if np.isfinite(self.flops) else "–",
            "time to go": duration(left),
            "cost to go": left / 3600 * self.price if self.price else np.nan,
        }

    def takes(self, steps: float) -> str:
        """A number of steps in the other units."""
        if not np.isfinite(steps):
            return "not reached"
        parts = [f"{steps:,.0f} steps"]
        parts += [f"{count(steps * self.tokens)} tokens"] if np.isfinite(self.tokens) else []
        parts += [duration(steps * self.seconds)] if np.isfinite(self.seconds) else []
        parts += [f"{steps * self.flops:.2e} FLOPs"] if np.isfinite(self.flops) else []
        cost = steps * self.seconds / 3600 * self.price
        parts += [f"cost {cost:,.2f}"] if self.price and np.isfinite(cost) else []
        return " · ".join(parts)


def pace(store: Store, run: Run, price: float = 0.0) -> Pace:
    """What a step of the run takes, from what it has recorded."""
    last, found = max(run.last_step or 2, 2), {}
    for axis in ("tokens", "time", "flops"):
        try:
            found[axis] = float(np.diff(store.axis(run.id, np.array([1, last]), axis))[0]) / (last - 1)
        except StoreError:
            found[axis] = np.nan
    tokens = found["tokens"] if np.isfinite(found["tokens"]) else run.tokens_per_step or np.nan
    flops = found["flops"] if np.isfinite(found["flops"]) else tokens * (run.flops_per_token or np.nan)
    return Pace(tokens, found["time"], flops, price)
