"""Two-phase forgetting: how much goes in the first few steps, and how slowly the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ._support.result import Measure, MeasureResult, not_measured
from ._support.tasks import Evaluations
from .forgetting import NO_EARLIER

RATES, APART = 40, 3.0  # grid of decay times; the slow one at least so many times the steep one
CLEARLY = 10.0  # difference of BIC from which one more phase counts
FEWEST = 8


@dataclass(frozen=True)
class TwoPhase:
    """y = floor + steep exp(-x / steep_steps) + slow exp(-x / slow_steps); what `phases` does not count is 0 or NaN."""

    phases: int  # 0: no fall; 1: one exponential, given as the steep one; 2: both
    floor: float
    steep: float
    steep_steps: float
    slow: float
    slow_steps: float
    explained: float  # share of the variance
    task: str = ""


def two_phase(x: np.ndarray, y: np.ndarray) -> TwoPhase:
    """Fits forgetting over the steps x [n] since learning: a constant, one exponential fall, or a steep and a slow one.

    Memories of single examples fall steeply over the first 10 updates and slowly over the next 100,000 ("Recognition,
    recall, and retention of few-shot memories in large language models"); evaluated at even intervals the first phase
    is missed, so evaluate at log-spaced steps.
    Amplitudes by least squares for each pair of decay times of a log grid, twice refined; those below 0 are not
    allowed. A further phase counts where BIC falls by more than 10.

    Raises ValueError for fewer than 8 points or x not increasing from 0 on.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    if len(x) < FEWEST or len(x) != len(y):
        raise ValueError(f"{len(x)} steps and {len(y)} values: expected at least {FEWEST}, one value for each step")
    if x[0] < 0 or not (np.diff(x) > 0).all() or not np.isfinite(y).all():
        raise ValueError("expected increasing steps since learning, from 0 on, and finite values")
    total = float(((y - y.mean()) ** 2).sum())
    low, high = max(x[x > 0][0] / 2, x[-1] / 1e6), x[-1]
    grid = np.geomspace(low, high, RATES)
    one, two = _single(x, y, grid), _double(x, y, grid, grid)
    for width in (grid[1] / grid[0], (grid[1] / grid[0]) ** (4 / RATES)):
        near = [np.clip(np.geomspace(t / width, t * width, RATES // 2), low / 10, high) for t in (one[1], *two[1:3])]
        one = min(one, _single(x, y, near[0]), key=lambda fit: fit[0])
        two = min(two, _double(x, y, near[1], near[2]), key=lambda fit: fit[0])
    n, least = len(x), 1e-12 * (1 + total)
    bic = [n * np.log(max(sse, least) / n) + k * np.log(n) for sse, k in ((total, 1), (one[0], 3), (two[0], 5))]
    nan = float("nan")
    if bic[2] < min(bic[1], bic[0]) - CLEARLY:
        (sse, steep_steps, slow_steps), (floor, steep, slow) = two[:3], two[3]
        return TwoPhase(2, floor, steep, steep_steps, slow, slow_steps, 1 - sse / total)
    if bic[1] < bic[0] - CLEARLY:
        return TwoPhase(1, one[2][0], one[2][1], one[1], 0.0, nan, 1 - one[0] / total)
    return TwoPhase(0, float(y.mean()), 0.0, nan, 0.0, nan, 0.0)


def _single(x: np.ndarray, y: np.ndarray, times: np.ndarray) -> tuple[float, float, tuple[float, float]]:
    """(sum of squares, decay time, (floor, amplitude)) of the best exponential; endless squares where none falls."""
    columns = np.exp(-x / times[:, None])
    centred = columns - columns.mean(1, keepdims=True)
    amplitude = centred @ (y - y.mean()) / np.maximum((centred**2).sum(1), 1e-300)
    floor = y.mean() - amplitude * columns.mean(1)
    sse = ((y - floor[:, None] - amplitude[:, None] * columns) ** 2).sum(1)
    sse = np.where((amplitude > 0) & (floor >= -1e-9), sse, np.inf)
    best = int(np.argmin(sse))
    return float(sse[best]), float(times[best]), (float(floor[best]), float(amplitude[best]))


def _double(
    x: np.ndarray, y: np.ndarray, steep: np.ndarray, slow: np.ndarray
) -> tuple[float, float, float, tuple[float, ...]]:
    """(sum of squares, both decay times, (floor, both amplitudes)) of the best sum of two exponentials."""
    first, second = np.exp(-x / steep[:, None]), np.exp(-x / slow[:, None])
    i, j = np.nonzero(slow[None, :] >= APART * steep[:, None])
    if not len(i):
        return np.inf, float(steep[0]), float(slow[-1]), (0.0, 0.0, 0.0)
    gram = np.empty((len(i), 3, 3))
    gram[:, 0, 0], gram[:, 1, 1], gram[:, 2, 2] = len(x), (first**2).sum(1)[i], (second**2).sum(1)[j]
    gram[:, 0, 1] = gram[:, 1, 0] = first.sum(1)[i]
    gram[:, 0, 2] = gram[:, 2, 0] = second.sum(1)[j]
    gram[:, 1, 2] = gram[:, 2, 1] = (first @ second.T)[i, j]
    right = np.stack([np.full(len(i), y.sum()), (first @ y)[i], (second @ y)[j]], axis=1)
    found = (np.linalg.pinv(gram, hermitian=True) @ right[:, :, None])[:, :, 0]
    sse = y @ y - (found * right).sum(1)
    sse = np.where((found[:, 1:] > 0).all(1) & (found[:, 0] >= -1e-9), sse, np.inf)
    best = int(np.argmin(sse))
    fitted = found[best, 0] + found[best, 1] * first[i[best]] + found[best, 2] * second[j[best]]
    exact = float(((y - fitted) ** 2).sum()) if np.isfinite(sse[best]) else np.inf
    return exact, float(steep[i[best]]), float(slow[j[best]]), tuple(float(one) for one in found[best])


def fits(record: Evaluations) -> tuple[TwoPhase, ...]:
    """The fit of each earlier task with enough evaluations, from the end of its latest visit to now."""
    found = []
    for name in record.earlier:
        end = record.latest(name).end
        part = record.curve(name).between(end - 1, record.now)
        if len(part) >= FEWEST:
            fit = two_phase(part.step - end, part.value)
            found.append(TwoPhase(**{**vars(fit), "task": name}))
    return tuple(found)


def _steep_share(record: Evaluations) -> MeasureResult:
    if not record.earlier:
        return not_measured(NO_EARLIER)
    rows = fits(record)
    shares = {row.task: row.steep / (row.steep + row.slow) for row in rows if row.phases == 2}
    if not shares:
        return not_measured("no task was forgotten in two phases", rows=rows, cadence=record.cadence(record.earlier))
    value = float(np.mean(list(shares.values())))
    return MeasureResult(value, cadence=record.cadence(shares), per_task=shares, rows=rows)


measure = Measure(
    "two_phase_forgetting", "Two-phase forgetting", "Share of the forgetting that happens in the steep first phase.",
    "neither", _steep_share,
)  # fmt: skip
