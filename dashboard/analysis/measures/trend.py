"""How a task's metric goes with steps or scale, and whether that may be extrapolated: only a power law may."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from scipy.special import stdtrit

from ....interval import Interval
from ._support.result import Measure, MeasureResult, not_measured
from ._support.tasks import Evaluations

FEWEST = 8
CLEARLY = 6.0  # difference of BIC from which a shape is preferred to a simpler one
ARMS = 3.0  # residual deviations that both arms of a U must have
GRID, FINE = 60, 400


class TrendShape(Enum):
    """The value is the sentence for people."""

    POWER_LAW = "follows a power law: may be extrapolated, with its band"
    SATURATING = "levels off within the data: expect no better than its plateau"
    U = "fell and rises again: no monotone law fits"
    INVERTED_U = "rose and falls again: no monotone law fits"
    EMERGENT = "was flat and then rose suddenly: its past does not predict it"
    FLAT = "shows no trend"


@dataclass(frozen=True)
class TaskTrend:
    """The class of a metric's course, the residual `sd`, and the power laws that the points do not reject (if any)."""

    kind: TrendShape
    sd: float
    laws: np.ndarray  # [j, 6] of y = c + b x^-a (see `_laws`), the best first; empty for the other classes
    points: int = 0
    task: str = ""

    def at(self, x: float) -> Interval:
        """The value at another x, its 90 % interval by profile likelihood.

        Of every exponent that the points do not reject, the values that they do not reject either. Raises ValueError
        for the other classes.
        """
        if self.kind is not TrendShape.POWER_LAW:
            raise ValueError(f"the metric {self.kind.value}: expected a power law to extrapolate")
        c, b, a, slack, mean, squares = self.laws.T
        values = c + b * x**-a
        reach = np.sqrt(slack * (1 / self.points + (x**-a - mean) ** 2 / squares))
        return Interval(float(values[0]), float((values - reach).min()), float((values + reach).max()))


def classify(x: np.ndarray, y: np.ndarray) -> TaskTrend:
    """Which of five shapes a metric y [n] follows over x [n] > 0 (steps, tokens, parameters), by BIC.

    A law fitted to a metric that turns (inverse scaling, 2306.09479) or emerges (WorldPM) forecasts nonsense, so this
    is asked first. With u = log x and nonlinear parameters on grids, the rest by least squares:
        flat        c                           saturating  c + b exp(-x / T),  T <= a third of the range
        power law   c + b x^-a, .02 <= a <= 2   emergent    c + b / (1 + exp(-(u - m) / s)), m in the later half
        U           c + b (v - m)^2, v = u or x, m inside, each arm of more than 3 residual deviations
    A shape with a parameter more has to lower BIC by 6. Errors are taken as independent and alike.

    Raises ValueError for fewer than 8 points, x not positive and increasing, or values that are not finite.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    if len(x) < FEWEST or len(x) != len(y):
        raise ValueError(f"{len(x)} points and {len(y)} values: expected at least {FEWEST}, one value for each")
    if not (x[0] > 0 and (np.diff(x) > 0).all() and np.isfinite(y).all()):
        raise ValueError("expected positive, increasing x and finite values")
    u, v = np.log(x / x[0]), x / x[-1]
    bends = np.linspace(0.1, 0.9, GRID)
    exponents, middles = np.geomspace(0.02, 2.0, GRID), np.linspace(0.5, 0.95, GRID) * u[-1]
    sharp = np.geomspace(0.01, 0.08, 6) * u[-1]
    late = [1 / (1 + np.exp(-np.clip((u - m) / s, -50, 50))) for m in middles for s in sharp]
    power = _best(np.exp(-exponents[:, None] * u), y)
    candidates = {
        TrendShape.FLAT: (float(((y - y.mean()) ** 2).sum()), 1),
        TrendShape.POWER_LAW: (power[0], 3),
        TrendShape.SATURATING: (_best(np.exp(-v / np.geomspace(v[0] / 2 + 1e-9, 1 / 3, GRID)[:, None]), y)[0], 3),
        TrendShape.EMERGENT: (_best(np.array(late), y)[0], 4),
    }
    turn = min((_turn(axis, bends, y) for axis in (u / u[-1], v)), key=lambda fit: fit[0])
    candidates[turn[1]] = (turn[0], 3)
    n, least = len(y), 1e-12 * max(float(y @ y), 1e-300)
    bic = {kind: n * np.log(max(sse, least) / n) + k * np.log(n) for kind, (sse, k) in candidates.items()}
    chosen: TrendShape = min((kind for kind in bic if kind is not TrendShape.FLAT), key=bic.__getitem__)
    if chosen is TrendShape.EMERGENT and bic[chosen] > min(bic[kind] for kind in bic if kind is not chosen) - CLEARLY:
        chosen = min((kind for kind in bic if kind not in (TrendShape.FLAT, TrendShape.EMERGENT)), key=bic.__getitem__)
    if bic[chosen] > bic[TrendShape.FLAT] - CLEARLY:
        chosen = TrendShape.FLAT
    sd = float(np.sqrt(candidates[chosen][0] / max(n - candidates[chosen][1], 1)))
    laws = _laws(x, y, float(exponents[power[1]])) if chosen is TrendShape.POWER_LAW else np.empty((0, 6))
    return TaskTrend(chosen, sd, laws, n)


def _best(shapes: np.ndarray, y: np.ndarray) -> tuple[float, int]:
    """(least sum of squares, which shape) of y [n] on an offset and one of the shapes [j, n]."""
    centred = shapes - shapes.mean(1, keepdims=True)
    squares = np.maximum((centred**2).sum(1), 1e-300)
    off = y - y.mean()
    sse = ((off - (centred @ off / squares)[:, None] * centred) ** 2).sum(1)
    return float(sse.min()), int(sse.argmin())


def _turn(v: np.ndarray, bends: np.ndarray, y: np.ndarray) -> tuple[float, TrendShape]:
    """The best parabola with its vertex inside and two real arms; endless squares where there is none."""
    shapes = (v - bends[:, None]) ** 2
    sse, at = _best(shapes, y)
    shape = shapes[at] - shapes[at].mean()
    slope = shape @ y / (shape @ shape)
    sd = np.sqrt(sse / max(len(y) - 3, 1))
    arms = min(shapes[at][0], shapes[at][-1]) * abs(slope)
    return (sse if arms > ARMS * sd else np.inf), (TrendShape.U if slope > 0 else TrendShape.INVERTED_U)


def _laws(x: np.ndarray, y: np.ndarray, best: float) -> np.ndarray:
    """Power laws c + b x^-a along a ridge of exponents, the best first: c, b, a, slack, mean and squares of x^-a [6].

    Kept are those whose sum of squares the points do not reject at 10 %; the slack is how far each is from that.
    """
    exponents = np.append(best, np.geomspace(best / 8, best * 8, FINE))
    shapes = x ** -exponents[:, None]
    means = shapes.mean(1)
    centred = shapes - means[:, None]
    squares = (centred**2).sum(1)
    b = centred @ (y - y.mean()) / squares
    c = y.mean() - b * means
    sse = ((y - c[:, None] - b[:, None] * shapes) ** 2).sum(1)
    slack = sse.min() * (1 + stdtrit(len(x) - 3, 0.95) ** 2 / (len(x) - 3)) - sse
    kept = np.column_stack([c, b, exponents, slack, means, squares])[slack >= 0]
    best_first: np.ndarray = kept[np.argsort(-kept[:, 3])]
    return best_first


def trends(record: Evaluations) -> tuple[TaskTrend, ...]:
    """The class of each task's course: over the steps of its latest visit, or of the run where it has none."""
    found = []
    for name in record.names:
        start, end = 0, record.now
        if name in record.tasks and record.latest(name).end > record.latest(name).start:
            start, end = record.latest(name).start, record.latest(name).end
        part = record.curve(name).between(start, end)
        if len(part) >= FEWEST:
            trend = classify(part.step - start, part.value)
            found.append(replace(trend, task=name))
    return tuple(found)


def _count(record: Evaluations) -> MeasureResult:
    rows = trends(record)
    if not rows:
        return not_measured(f"no task was evaluated {FEWEST} times while it was learned")
    lawful = {row.task: float(row.kind is TrendShape.POWER_LAW) for row in rows}
    note = "; ".join(f"{row.task} {row.kind.value}" for row in rows)
    share = float(np.mean(list(lawful.values())))
    return MeasureResult(share, cadence=record.cadence(), per_task=lawful, rows=rows, note=note)


measure = Measure(
    "trend", "Trend", "Share of tasks that follow a power law while learned, the only shape to extrapolate.",
    "neither", _count,
)  # fmt: skip
