"""What kind of trend a metric has over scale: only one that falls like a loss may be extrapolated like one.

Task metrics are not losses: some turn round (McKenzie et al. 2023, "Inverse Scaling", arXiv 2306.09479), some start
late, some do not move (Wang et al. 2025, "WorldPM", arXiv 2505.10527)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike

FEWEST = 6
MARGIN = 4.0  # in BIC: how much better one shape than the simpler story must describe the points


class ScaleShape(Enum):
    """The class of a trend; the value is the sentence to print."""

    POWER = "It moves steadily with scale, like a loss: it may be extrapolated."
    EMERGENT = "It starts to move late: the points before that say nothing about it, so there is no forecast."
    TURNING = "It changes direction with scale: a law that only falls would be wrong, so there is no forecast."
    NONE = "It does not move with scale beyond its noise: there is nothing to extrapolate."
    UNKNOWN = f"Too few points to see its trend: at least {FEWEST} are needed."

    @property
    def extrapolates(self) -> bool:
        return self is ScaleShape.POWER


@dataclass(frozen=True)
class ScaleTrend:
    """The class and the BIC of each shape relative to the best (0 is the best)."""

    kind: ScaleShape
    away: dict[str, float]


def trend(scale: ArrayLike, values: ArrayLike) -> ScaleTrend:
    """Which of four shapes over log scale (compute, size, tokens) describes the values: by BIC, with a margin.

    NONE a constant; POWER a + b x^-c, the straight line in log x included; EMERGENT flat up to a point and a line
    after it; TURNING a parabola whose top lies inside. scale (n,) above 0, values (n,), n >= 6."""
    scale, values = np.asarray(scale, float), np.asarray(values, float)
    keep = np.isfinite(scale) & (scale > 0) & np.isfinite(values)
    x, y = np.log(scale[keep]), values[keep]
    if len(y) < FEWEST or np.ptp(x) == 0:
        return ScaleTrend(ScaleShape.UNKNOWN, {})
    order = np.argsort(x)
    x, y = (x[order] - x.min()) / np.ptp(x), y[order]
    floor = 1e-12 * max(np.ptp(y), 1e-12) ** 2

    def bic(columns: list[np.ndarray], constants: int) -> float:
        design = np.column_stack(columns)
        left = np.sum((y - design @ np.linalg.lstsq(design, y, rcond=None)[0]) ** 2)
        return float(len(y) * np.log(left / len(y) + floor) + constants * np.log(len(y)))

    one = np.ones_like(x)
    flat = bic([one], 1)
    line = bic([one, x], 2)
    curved = min(bic([one, np.exp(-rate * x)], 3) for rate in np.geomspace(0.1, 20, 25))
    late = min(bic([one, np.maximum(x - start, 0)], 3) for start in np.linspace(0.3, 0.9, 25))
    parabola = bic([one, x, x**2], 3)
    a, b, _ = np.polyfit(x, y, 2)
    turns = a != 0 and 0.15 < -b / (2 * a) < 0.85
    away = {"none": flat, "power": min(line, curved), "emergent": late, "turning": parabola if turns else np.inf}
    best = min(away.values())
    kind = ScaleShape.POWER
    if away["turning"] < min(away["power"], away["emergent"], flat) - MARGIN:
        kind = ScaleShape.TURNING
    elif away["emergent"] < min(away["power"], flat) - MARGIN:
        kind = ScaleShape.EMERGENT
    elif flat < away["power"] + MARGIN:
        kind = ScaleShape.NONE
    return ScaleTrend(kind, {name: float(value - best) for name, value in away.items()})
