"""The hold-out check: fit without the largest runs, predict them, and look at the error before believing a forecast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ....errors import CannotForecast
from ....interval import Band
from .fit import Fitted, fit
from .law import ScalingLaw
from .table import ScalingTable

SHARE = 0.2  # of the runs are held out unless a limit is given


@dataclass(frozen=True, eq=False)
class HeldOut:
    """The fit to the smaller runs, the larger `table`, and what was predicted for it."""

    fitted: Fitted
    table: ScalingTable
    band: Band

    @property
    def errors(self) -> np.ndarray:
        """Predicted over measured, minus 1 (n,)."""
        return np.asarray(self.band.mid / self.table.loss - 1)

    @property
    def inside(self) -> np.ndarray:
        """Whether the 90 % interval holds the truth (n,)."""
        return self.band.holds(self.table.loss)


def split(table: ScalingTable, above: float | None = None) -> float:
    """The compute (6 N D) above which runs are held out: `above`, or what leaves out the largest fifth.

    Raises ValueError for a table without compute, and where one side would be empty."""
    compute = table.compute
    if not np.isfinite(compute).all():
        raise CannotForecast(
            "a hold-out check needs the columns params and tokens: runs are split by 6 * params * tokens"
        )
    above = float(np.quantile(compute, 1 - SHARE)) if above is None else above
    count = int(np.sum(compute > above))
    if not 0 < count < len(table):
        raise CannotForecast(
            f"no run to hold out above {above:.3g} FLOPs: the runs lie between {compute.min():.3g} and "
            f"{compute.max():.3g}"
            if not count
            else f"all runs lie above {above:.3g} FLOPs: none is left to fit"
        )
    return above


def hold_out(law: ScalingLaw | str, table: ScalingTable, above: float | None = None, **options: Any) -> HeldOut:
    """Fit to the runs of at most `above` FLOPs and predict the others; `options` are those of `fit`."""
    above = split(table, above)
    fitted = fit(law, table.where(table.compute <= above), **options)
    larger, _ = table.where(table.compute > above).usable(fitted.law)
    return HeldOut(fitted, larger, fitted.predict(larger.columns))
