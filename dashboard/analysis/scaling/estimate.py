"""An answer of a scaling law: a number with its interval, told only where the runs carry it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from ....errors import CannotForecast
from ....formatting import count
from ....interval import Interval
from .design import narrowing
from .fit import Fitted

WIDE = 10.0  # high over low: an amount that is not known to a factor of about three either way is not known
LOOSE = 0.3  # of a loss: as far to each side as its interval may reach
UNTOLD = " No number is given where its interval spans a factor of ten."
BUDGETS = (1.0, 3.0, 10.0, 30.0)  # times the largest compute so far, within which a run is looked for


@dataclass(frozen=True, eq=False)
class Estimate(Interval):
    """A number with its interval; `draws` (K,) are the bootstrap's."""

    draws: np.ndarray = field(default_factory=lambda: np.empty(0), repr=False)

    def at_least(self, bound: float) -> Estimate:
        """The same of an amount that cannot be below a bound."""
        return replace(self, mid=max(self.mid, bound), low=max(self.low, bound), high=max(self.high, bound))

    @property
    def carried(self) -> bool:
        """Whether the runs say how large an amount is: its interval spans less than a factor of ten."""
        return not self.reachable or self.high < WIDE * self.low


def told(found: Estimate, show: Callable[[float], str]) -> str:
    """An amount with its interval; its ends alone where the runs do not tell it.

    >>> told(Estimate(2e9, 1e9, 4e9), count), told(Estimate(12e9, 292e6, 100e12), count)
    ('2B (1B to 4B)', 'between 292M and 100T')
    """
    return found.text(show) if found.carried else f"between {found.span(show).replace(' to ', ' and ')}"


def checked(found: Interval, show: Callable[[float], str]) -> str:
    """A loss with its interval. Raises CannotForecast where that is wider than 30 % to each side."""
    if found.width > 2 * LOOSE * abs(found.mid):
        raise CannotForecast(f"these runs do not tell this loss: it may be anything from {found.span(show)}")
    return found.text(show)


def settled_by(fitted: Fitted, *found: Estimate) -> str:
    """For amounts that the runs do not tell, the run that would: in sentences, "" where all of them are told.

    The cheapest within 1, 3, 10, 30 times the largest compute so far that brings the widest interval under a factor of
    ten; the one that narrows it most where none does."""
    lacking = [one for one in found if not one.carried]
    if not lacking:
        return ""
    one = max(lacking, key=lambda one: one.high / one.low)
    with np.errstate(divide="ignore", invalid="ignore"):
        draws = np.log(one.draws)
    width, largest = np.log(one.high / one.low), float(fitted.table.compute.max())
    try:
        runs = [narrowing(fitted, draws, times * largest) for times in BUDGETS]
    except CannotForecast as error:
        return f"{UNTOLD} No run can be proposed: {error}."
    best = next((run for run in runs if run.left * width < np.log(WIDE)), runs[-1])
    does = "would settle it" if best.left * width < np.log(WIDE) else "would narrow it most, and not settle it"
    run = f"{count(best.at['params'])} parameters on {count(best.at['tokens'])} tokens ({best.compute:.1e} FLOPs)"
    left = f"its interval would shrink to about {100 * best.left:.0f} % of its width in log"
    return f"{UNTOLD} A run of {run} {does}: {left}."
