"""Where a loss curve ends: the mean of its last stretch with its standard error, not the last batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ....errors import InvalidInput
from .binned import noise

SHARE = 0.01  # of the steps: the stretch at the end that a training loss is averaged over
FEWEST = 10  # points in that stretch at least, where there are so many
FEW, NEAR = 40, 9  # points in them: too few to tell a bend from noise by a line; those looked at then
BEHIND = 10  # stretches that the noise is told from


@dataclass(frozen=True)
class Ending:
    """`value` is the mean of the last `n` finite points, from step `first` on; `error` its standard error."""

    value: float
    error: float
    first: int
    n: int


def ending(steps: np.ndarray, values: np.ndarray, *, last: int | None = None) -> Ending:
    """The mean of the last 1 % of the steps (10 points at least), or of the `last` points.

    Look at it instead of the last logged value, which is one batch. Neighbouring points of a loss curve are alike, so

        error = sd * sqrt((1 + r) / (1 - r) / n)

    with sd and r, the correlation of neighbours, of the residuals about a straight line through ten such stretches;
    where those have under 40 points, sd from the neighbours among the last 9 (`binned.noise`) and r = 0, since a line
    does not follow a bend.
    Values that are not finite are left out here; whoever shows the number says that the run has some.
    Raises ValueError where no value is finite.

    >>> ending(np.arange(100), np.r_[np.full(90, 9.0), np.full(10, 2.0)]).value
    2.0
    """
    steps, values = np.asarray(steps), np.asarray(values, float)
    keep = np.isfinite(values)
    steps, values = steps[keep], values[keep]
    if not len(values):
        raise InvalidInput("the series has no finite value: where it ends is not known")
    if last is None:
        last = max(int(np.count_nonzero(steps > steps[-1] - SHARE * (steps[-1] - steps[0]))), FEWEST)
    last = min(last, len(values))
    near = values[-min(len(values), BEHIND * last) :]
    return Ending(float(values[-last:].mean()), error_of_mean(near, last), int(steps[-last]), last)


def error_of_mean(values: np.ndarray, n: int) -> float:
    """Standard error of a mean over n neighbours, from `values` [m] about their straight line; NaN for m < 5."""
    if len(values) < 5:
        return float("nan")
    if len(values) < FEW:
        return noise(values[-NEAR:])[0] / float(np.sqrt(n))
    t = np.linspace(-1.0, 1.0, len(values))
    left = values - values.mean() - t * (t @ (values - values.mean())) / (t @ t)
    variance = float(left @ left) / (len(left) - 2)
    if variance <= 0:
        return 0.0
    r = float(left[1:] @ left[:-1]) / float(left @ left)
    return float(np.sqrt(variance * (1 + (r := min(max(r, 0.0), 0.95))) / (1 - r) / n))
