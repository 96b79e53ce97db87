"""Whether one run ended lower than another by more than noise: that of the batches, and that of the seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ....interval import Interval
from .ending import Z90, ending


@dataclass(frozen=True)
class Seeds:
    """`sd` of a final loss from seed to seed, pooled over groups of runs that differ in the seed alone; `dof` of it."""

    sd: float
    dof: int


@dataclass(frozen=True)
class Difference:
    """`value` is the first end minus the second; `verdict` is what may be concluded from it."""

    value: Interval
    verdict: str


SAME = "no difference beyond noise"
UNKNOWN = "too few points to tell"
LOWER, HIGHER = "lower", "higher"


def seed_noise(groups: Sequence[Sequence[float]]) -> Seeds | None:
    """Pooled standard deviation of final losses within groups of equal runs; None where no group has two finite ones.

        sd^2 = sum_g sum_i (l_gi - mean_g)^2 / sum_g (n_g - 1)

    >>> seed_noise([[1.0, 3.0], [5.0, 7.0], [9.0]])
    Seeds(sd=1.4142135623730951, dof=2)
    """
    kept = [np.array([v for v in group if np.isfinite(v)]) for group in groups]
    dof = sum(max(len(group) - 1, 0) for group in kept)
    if not dof:
        return None
    return Seeds(float(np.sqrt(sum(float(group.var() * len(group)) for group in kept if len(group)) / dof)), dof)


def difference(a: tuple[np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray], seeds: Seeds | None) -> Difference:
    """How much lower or higher the series a = (steps, values) ends than b.

    Two sources of noise: that of the ends, from the differences at common steps where both have seen them
    (runs with the same data order share most of it), else from each alone; and the seed's, sqrt(2) sd with Student's t
    of its degrees of freedom. Without `seeds` each run's own noise at the end stands for it, common steps or not, and
    the verdict holds for these two runs, not for their recipes. Where an end's error is not known nothing is concluded.
    Raises InvalidInput where one has no finite value.
    """
    ends = ending(*a), ending(*b)
    value = ends[0].value - ends[1].value
    if not (ends[0].known and ends[1].known):
        return Difference(Interval(value, -np.inf, np.inf), UNKNOWN)
    alone = float(np.hypot(ends[0].error, ends[1].error))
    if seeds is None:
        half = Z90 * alone
    else:
        half = float(np.hypot(Z90 * _paired(a, b, alone), stats.t.ppf(0.95, seeds.dof) * np.sqrt(2.0) * seeds.sd))
    if abs(value) <= half:
        verdict = SAME
    else:
        verdict = LOWER if value < 0 else HIGHER
    return Difference(Interval(value, value - half, value + half), verdict)


def _paired(a: tuple[np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray], alone: float) -> float:
    """Standard error of the difference of two ends: of the differences at common steps where both end at one."""
    steps, at_a, at_b = np.intersect1d(a[0], b[0], assume_unique=True, return_indices=True)
    apart = np.asarray(a[1], float)[at_a] - np.asarray(b[1], float)[at_b]
    if np.isfinite(apart).any() and steps[-1] == a[0][-1] == b[0][-1]:
        found = ending(steps, apart)
        return found.error if found.known else alone
    return alone
