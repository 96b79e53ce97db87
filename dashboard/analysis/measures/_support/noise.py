"""How far a number made of accuracies can be trusted: levels, differences, and minima of many noisy evaluations."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .tasks import Evaluations, TaskCurve

DRAWS, FEWEST_DRAWS = 200, 20
MOST_VALUES = 10_000_000  # values resampled for one measure of one record: some seconds
TO_SIGMA = 1.4826  # median absolute deviation of normal noise -> its standard deviation


def level_error(curve: TaskCurve) -> np.ndarray:
    """Standard error of each evaluation [m]: binomial, sqrt(p (1 - p) / n). NaN where n is not known."""
    return np.asarray(np.sqrt(curve.value * (1 - curve.value) / curve.n))


def difference_error(record: Evaluations, name: str, first: TaskCurve, second: TaskCurve) -> float:
    """Standard error of the difference of two evaluations of a task, given as curves of one row.

    On a fixed subsample both share which examples are easy, so the errors are paired: what differs is what flips from
    one evaluation to the next, the spread of successive differences, never more than binomial. Otherwise the two
    binomial errors add in squares.
    """
    if not len(first) or not len(second):
        return float("nan")
    independent = float(np.hypot(level_error(first)[0], level_error(second)[0]))
    if not record.fixed:
        return independent
    paired = successive_error(record.curve(name).value) * np.sqrt(2)
    return float(np.nanmin([independent, paired])) if np.isfinite([independent, paired]).any() else float("nan")


def successive_error(values: np.ndarray) -> float:
    """Standard deviation of one evaluation's noise, from successive differences: a trend is none. Needs 4 values."""
    steps = np.diff(values)
    if len(steps) < 3:
        return float("nan")
    return float(TO_SIGMA * np.median(np.abs(steps - np.median(steps))) / np.sqrt(2))


def of_extreme(
    record: Evaluations, curve: TaskCurve, statistic: Callable[[np.ndarray], np.ndarray], seed: int = 0
) -> tuple[float, float]:
    """What noise adds to an extreme of a curve, and the extreme's standard error; NaN where n is not known.

    The minimum of 1,000 evaluations with a standard deviation of 1.5 points lies 4.8 points below the level, not 1.5.
    The level is the curve freed of noise (`denoised`); around it evaluations are drawn anew, binomially, or on a
    fixed subsample with the smaller noise of successive differences:
        bias = mean[statistic(drawn)] - statistic(level),   error = sd[statistic(drawn)].
    `statistic` maps curves [draws, m] to numbers [draws].
    """
    draws = min(DRAWS, MOST_VALUES // max(len(record.step), 1))
    sd = successive_error(curve.value) if record.fixed else np.nan
    if not len(curve) or draws < FEWEST_DRAWS or not (np.isfinite(curve.n).all() or np.isfinite(sd)):
        return float("nan"), float("nan")
    level = denoised(curve.value, curve.n if np.isfinite(curve.n).all() else None, sd)
    random = np.random.default_rng(seed)
    shape = draws, len(level)
    if record.fixed and np.isfinite(sd):
        most = np.sqrt(level * (1 - level) / np.where(np.isfinite(curve.n), curve.n, 1))
        drawn = np.clip(level + np.minimum(sd, most) * random.standard_normal(shape), 0, 1)
    else:
        drawn = random.binomial(curve.n.astype(np.int64), level, shape) / curve.n
    found = statistic(drawn)
    return float(found.mean() - statistic(level[None])[0]), float(found.std())


def denoised(values: np.ndarray, n: np.ndarray | None, sd: float = float("nan")) -> np.ndarray:
    """The level under noisy evaluations [m]: constant where differences are noise, sharp where it jumps.

    Haar's wavelet: of means of blocks of 2, 4, 8 ... evaluations a difference of two halves is kept where it exceeds
    sqrt(2 log m) + 1 standard errors: the universal threshold of Donoho and Johnstone (1994), and one against the
    fifth of all series of pure noise that would pass it somewhere.
    """
    m = len(values)
    if m < 2:
        return np.asarray(values, float).copy()
    size = 1 << (m - 1).bit_length()
    means = np.pad(np.asarray(values, float), (0, size - m), mode="edge")
    examples = None if n is None else np.pad(np.asarray(n, float), (0, size - m), mode="edge")
    threshold, details = np.sqrt(2 * np.log(m)) + 1, []
    block = 1
    while len(means) > 1:
        left, right = means[::2], means[1::2]
        pooled = (left + right) / 2
        if examples is None or np.isfinite(sd):
            error = np.full(len(pooled), sd / np.sqrt(2 * block))
        if examples is not None:
            examples = examples.reshape(-1, 2).sum(1)
            binomial = np.sqrt(pooled * (1 - pooled) / examples)
            error = np.minimum(error, binomial) if np.isfinite(sd) else binomial
        half = (left - right) / 2
        details.append(np.where(np.abs(half) > threshold * error, half, 0))
        means, block = pooled, 2 * block
    for half in reversed(details):
        means = np.column_stack([means + half, means - half]).reshape(-1)
    return np.asarray(np.clip(means[:m], 0, 1))
