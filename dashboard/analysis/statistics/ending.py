"""Where a loss curve ends: the end of its local trend with its standard error, not the last batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from ....errors import InvalidInput
from .binned import noise

SHARE = 0.1  # of the steps: the longest stretch that a local trend is looked for in
ENOUGH = 60  # points in that stretch where the series has so many
FEWEST = 5  # points that tell a trend from noise
SHORTEST = 10  # points in the shortest stretch, a sixth of the points where there are few
WIDER = 1.25  # from one stretch to the next
MEMORY = 40  # points from which the correlation of neighbours can be told
Z90, TAIL = 1.645, 0.95


@dataclass(frozen=True)
class Ending:
    """`value` at the last step, from the last `n` finite points, from step `first` on; `error` its standard error.

    With fewer than five points the value is the last one, and its error is not known: NaN.
    """

    value: float
    error: float
    first: int
    n: int

    @property
    def known(self) -> bool:
        """Whether its error is known, so that it can be held against another end."""
        return bool(np.isfinite(self.error))


def ending(steps: np.ndarray, values: np.ndarray) -> Ending:
    """The value at the last step of the line or parabola through the last points that tells it best.

    Look at it instead of the last logged value, which is one batch, and of a mean, which lags behind a falling curve.
    Stretches of the last 10 points up to the last 10 % of the steps (of few points, from a sixth of them) are tried. In
    each polynomials of degree 1, 2 and 3 are fitted; with v_d the value of one at the last step and h_d its leverage,

        error_d^2 = s^2 (1 + r) / (1 - r) h_d + (v_d+1 - v_d)^2

    with s the residuals' standard deviation about the cubic (stretched by Student's t where they are few; at least that
    of neighbours, `binned.noise`) and r their lag-one correlation. The first term falls with the length of the stretch,
    and the second, what the bend costs that degree d does not follow, rises: the smallest error of degrees 1, 2 counts.
    Values that are not finite are left out here; whoever shows the number says that the run has some.
    Raises InvalidInput where no value is finite.

    >>> round(ending(np.arange(60), 1 + 9 / (1 + np.arange(60))).value, 3)
    1.15
    """
    steps, values = np.asarray(steps, float), np.asarray(values, float)
    keep = np.isfinite(values)
    steps, values = steps[keep], values[keep]
    n = len(values)
    if not n:
        raise InvalidInput("the series has no finite value: where it ends is not known")
    if n < FEWEST:
        return Ending(float(values[-1]), float("nan"), int(steps[-1]), 1)
    longest = min(max(int(np.count_nonzero(steps > (1 - SHARE) * steps[-1])), ENOUGH), n)
    floor = noise(values[-longest:])[0] ** 2
    length, found = float(min(max(n // 6, FEWEST), SHORTEST)), []
    while length < longest:
        found += _ends(steps, values, int(length), floor)
        length *= WIDER
    return min([*found, *_ends(steps, values, longest, floor)], key=lambda one: one.error)


def _ends(steps: np.ndarray, values: np.ndarray, n: int, floor: float) -> list[Ending]:
    """The ends of the line and the parabola through the last n points; `floor` is the least variance of a point."""
    u = (steps[-n:] - steps[-1]) / max(steps[-1] - steps[-n], 1.0) + 0.5
    basis = np.linalg.qr(np.vander(u, 4, increasing=True))[0]
    middle = values[-n:].mean()
    y = values[-n:] - middle
    part = basis.T @ y
    residual = y - basis @ part
    dof = n - 4
    variance = max(float(residual @ residual) / dof, floor) * (float(student.ppf(TAIL, dof)) / Z90) ** 2
    if n >= MEMORY and residual.any():
        r = float(np.clip(residual[1:] @ residual[:-1] / (residual @ residual), 0.0, 0.95))
        variance *= (1 + r) / (1 - r)
    out = []
    for degree in (1, 2):
        value = float(middle + basis[-1, : degree + 1] @ part[: degree + 1])
        leverage = float(basis[-1, : degree + 1] @ basis[-1, : degree + 1])
        bend = float(basis[-1, degree + 1] * part[degree + 1])
        out.append(Ending(value, float(np.sqrt(variance * leverage + bend**2)), int(steps[-n]), n))
    return out
