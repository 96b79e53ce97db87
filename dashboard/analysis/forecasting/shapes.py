"""How finished runs went on from where this run is now: the loss at the end as a share of the loss now.

Laws of the loss hold for language models. Other kinds of run (images, translation, graphs, a script's toy problem)
follow none of them, but they follow each other: what a run of the same project still gained after half of its steps
says what this one will gain. The shares of all finished runs are joined by Gaussian-process regression, in which runs
of the same setup, with the same optimizer, peak LR and schedule and above all with a similar past count more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import cho_factor, cho_solve

from .observe import find_spikes, white_noise
from .prior import Setup
from .schedule import Schedule

WINDOWS = (0.03, 0.06, 0.12)  # of the steps so far: the loss "now" is a mean over one of them, or over 3 losses
STILL = 0.02  # relative error of that mean which is small enough
QUIET = 0.05  # relative noise of single losses below which one far above the others is a spike
QUARTERS = np.array([0.25, 0.5, 0.75])  # where in the past its shape is read
FEWEST = 3  # losses
PLACES = np.array([0.1, 0.25, 0.5, 0.75])  # where in the past it is held against that of other runs
SLACK, NEAR, MANY = 0.05, 2.5, 10  # of a range; of a squared distance; runs to be held against
OUTLIER = 2.0  # robust standard deviations
CAUTIOUS, PRIOR = 2.0, 6  # the quantile where few runs can be tested, and how many tests that is worth

# Standard deviations as shares of the usual gain, and length scales of `features`; fitted by maximum likelihood
ALL, SETUP, POINT, OPTIMIZER, SIMILAR, SEED, FLOOR = 1.0, 0.25, 0.4, 0.13, 0.65, 0.05, 0.004
SCALES = np.array([3.5, 4.0, 1.5, 1.2, 3.2, 2.2, 2.3, 2.35, 2.3, 2.0])
SLOPES = np.array([0.05, 0.12, 0.07])  # per unit of the past's falls


@dataclass(frozen=True, eq=False)
class Course:
    """The losses of one run, ready to be read at any step, spikes left out."""

    steps: np.ndarray
    losses: np.ndarray
    schedule: Schedule
    setup: Setup
    sums: np.ndarray = field(repr=False)
    noise: float = 0.0  # standard deviation of one loss, relative to it

    @classmethod
    def of(cls, steps: ArrayLike, losses: ArrayLike, schedule: Schedule, setup: Setup) -> Course:
        at, values = np.asarray(steps, float), np.asarray(losses, float)
        keep = np.isfinite(values) & (values > 0) & (at > 0)
        at, values = at[keep], values[keep]
        noise = white_noise(values) if len(values) else 0.0
        if len(values) > 20 and noise < QUIET:  # the tail of a noisy loss is not made of spikes
            usual = ~find_spikes(values)
            at, values = at[usual], values[usual]
        return cls(at, values, schedule, setup, np.concatenate([[0.0], np.cumsum(values)]), noise)

    @property
    def point(self) -> tuple[float, float]:
        """Peak LR and warm-up share: runs that agree in both usually stand at one point of a sweep."""
        return round(np.log(self.setup.peak_lr), 3), round(self.schedule.warmup / self.schedule.total, 3)

    def window(self, at: float) -> float:
        """The share of the steps up to `at` whose mean is the loss of now: as many as the noise asks for."""
        for share in WINDOWS:
            if self.spread(at, share) < STILL:
                break
        return share

    def count(self, at: float, window: float) -> int:
        """How many losses the mean at `at` is taken over."""
        seen, before = (int(np.searchsorted(self.steps, step, side="right")) for step in (at, at * (1 - window)))
        return max(seen - before, min(seen, FEWEST), 1)

    def level(self, at: ArrayLike, window: float) -> np.ndarray:
        """The log loss at each of `at`: of the mean of the last 3 losses, or of those in the last `window`."""
        where = np.asarray(at, float)
        end = np.maximum(np.searchsorted(self.steps, where, side="right"), 1)
        start = np.searchsorted(self.steps, where * (1 - window), side="right")
        start = np.clip(np.minimum(start, end - FEWEST), 0, end - 1)
        return np.asarray(np.log((self.sums[end] - self.sums[start]) / (end - start)))

    def around(self, at: float, window: float) -> float:
        """The log loss at step `at` of a run that went on: of the mean of the losses before and after it."""
        nearest = int(np.argmin(np.abs(self.steps - at)))
        start = min(int(np.searchsorted(self.steps, at * (1 - window / 2))), max(nearest - 1, 0))
        end = max(int(np.searchsorted(self.steps, at * (1 + window / 2), side="right")), nearest + 2)
        return float(np.log(self.losses[start:end].mean()))

    def reached(self) -> tuple[float, float, int]:
        """The log loss at the end of what was seen, the half width of its 90 % interval, and of how many losses."""
        count = min(len(self.steps), max(self.count(self.steps[-1], WINDOWS[0]), len(self.steps) // 10))
        last = self.losses[-count:]
        error = max(last.std() / last.mean(), self.noise) / np.sqrt(count)
        return float(np.log(last.mean())), float(1.645 * error + 1e-4), count

    def spread(self, at: float, window: float) -> float:
        """The standard deviation of `level` from the noise of single losses."""
        return float(self.noise / np.sqrt(self.count(at, window)))

    def features(self, at: float, end: float, window: float) -> np.ndarray:
        """What similar runs have in common at step `at` (10,); the first three are the falls of the past."""
        levels = self.level(np.append(QUARTERS * at, at), window)
        lr = np.interp(np.linspace(at, end, 50), self.schedule.steps, self.schedule.lr) / self.schedule.peak
        return np.array(
            [
                *(levels[:3] - levels[3]),
                levels[3],
                np.log(self.setup.peak_lr),
                10 * self.schedule.warmup / self.schedule.total,
                3 * lr[0],
                3 * lr.mean(),
                3 * lr[-1],
                np.log(self.schedule.total),
            ]
        )


@dataclass(frozen=True)
class Gain:
    """The expected log loss at the end minus that of now, with its error, and how it was found."""

    mean: float
    sd: float
    quantile: float  # standard deviations that hold the truth with 90 %
    runs: int
    regression: float  # its weight against the median of the nearest runs


def expected_gain(run: Course, others: list[Course], at: float, end: float) -> Gain | None:
    """The gain of `run` from step `at` to `end`, from those of `others` at the same shares of their own steps.

    None where no other run can be read there. Two ways are tried on the other runs themselves, each leaving out the
    one (or, where `run` has no sibling, the whole setup) that is to be foretold: the regression, and the plain median
    of the nearest runs. The mean is weighted by how well each did."""
    window, here = run.window(at), _at_its_share(run, others, at, end)
    if not here:
        return None
    gains = np.array([one.around(last, window) - float(one.level([now], window)[0]) for one, now, last in here])
    usual = float(np.median(np.abs(gains))) + 0.003
    setups = [run.setup, *(one.setup for one, _, _ in here)]
    places = np.array([run.features(at, end, window), *(one.features(now, last, window) for one, now, last in here)])
    points = [one.point for one in (run, *(one for one, _, _ in here))]
    siblings = np.array([one.setup.name == run.setup.name for one, _, _ in here])
    alike = siblings | np.array([point == points[0] for point in points[1:]])
    gains = np.where(alike, gains, _without_outliers(gains))
    covariance = usual**2 * _covariance(places, usual, setups, points)
    seed = np.array([(SEED * usual) ** 2 + FLOOR**2 + 2 * one.spread(now, window) ** 2 for one, now, _ in here])
    cross, known = covariance[0, 1:], covariance[1:, 1:] + np.diag(seed)
    factor = cho_factor(known)
    mean = float(cross @ cho_solve(factor, gains))
    variance = covariance[0, 0] - cross @ cho_solve(factor, cross)
    variance += (SEED * usual) ** 2 + FLOOR**2 + 2 * run.spread(at, window) ** 2
    names = np.array([one.name for one in setups])
    nearest = float(np.median(gains[siblings if siblings.any() else alike if alike.any() else siblings >= 0]))
    weight, quantile = _tested(gains, known, names[1:], bool(siblings.any()))
    spread = np.hypot(np.sqrt(variance), np.sqrt(weight * (1 - weight)) * (mean - nearest))
    return Gain(weight * mean + (1 - weight) * nearest, float(spread), quantile, len(here), weight)


def looks_like(run: Course, others: Sequence[Course], at: float, end: float) -> bool:
    """Whether what `run` has shown is like what `others` had shown when they were as far through.

    Each trait (falls of the past, level, size, peak LR) must lie in their range, and the past as a whole where most of
    theirs lie: its Mahalanobis distance from their mean is not much above the one that 90 % of them keep."""
    window, here = run.window(at), _at_its_share(run, others, at, end)
    if len(here) < MANY:
        return False
    known, own = np.array([_traits(one, now, window) for one, now, _ in here]), _traits(run, at, window)
    low, high = known.min(axis=0), known.max(axis=0)
    slack = SLACK * (high - low)
    if ((own < low - slack) | (own > high + slack)).any():
        return False
    past = np.vstack([own, known])[:, :-2] - known[:, :-2].mean(axis=0)
    covariance = np.cov(past[1:].T) + 1e-5 * np.eye(past.shape[1])
    distances = np.sum(past * np.linalg.solve(covariance, past.T).T, axis=1)
    return bool(distances[0] <= NEAR * np.quantile(distances[1:], 0.9))


def _traits(run: Course, at: float, window: float) -> np.ndarray:
    """At step `at` (7,): the log falls between four places of its past and now, log level, log size, log peak LR."""
    levels = run.level(np.append(PLACES * at, at), window)
    return np.array([*-np.diff(levels), levels[-1], np.log(run.setup.params), np.log(run.setup.peak_lr)])


def _at_its_share(run: Course, others: Sequence[Course], at: float, end: float) -> list[tuple[Course, float, float]]:
    """Each of `others` that goes so far, with the steps where it was as far through as `run` at `at` and `end`."""
    share, until = at / run.schedule.total, end / run.schedule.total
    here = [
        (one, one.schedule.total * share, min(one.schedule.total * until, one.steps[-1]))
        for one in others
        if len(one.steps) > FEWEST and np.searchsorted(one.steps, one.schedule.total * share, side="right") >= FEWEST
    ]
    return [(one, now, last) for one, now, last in here if last > now]


def _without_outliers(gains: np.ndarray) -> np.ndarray:
    """Gains far from the others drawn in to the edge of what is usual."""
    middle = np.median(gains)
    reach = OUTLIER * 1.4826 * np.median(np.abs(gains - middle)) + FLOOR
    return np.asarray(np.clip(gains, middle - reach, middle + reach))


def _covariance(places: np.ndarray, usual: float, setups: list[Setup], points: list[tuple[float, float]]) -> np.ndarray:
    """Between the gains of all runs, in units of the usual gain."""

    def same(values: Sequence[object]) -> np.ndarray:
        return np.array([[one == two for two in values] for one in values], float)

    falls, scaled = places[:, :3] / usual, places.copy()
    scaled[:, 0] = np.log(np.abs(places[:, 0]) + 0.02)
    scaled[:, 1:3] = falls[:, 1:]
    scaled[:, 3] = places[:, 3] / (usual + 0.05)
    scaled = scaled / SCALES
    apart = np.sum((scaled[:, None] - scaled) ** 2, axis=2)
    slopes = (falls - np.median(falls, axis=0)) * SLOPES
    covariance: np.ndarray = (
        ALL**2
        + SETUP**2 * same([one.name for one in setups])
        + POINT**2 * same(points)
        + OPTIMIZER**2 * same([one.optimizer for one in setups])
        + SIMILAR**2 * np.exp(-apart / 2)
        + slopes @ slopes.T
    )
    return covariance


def _tested(gains: np.ndarray, known: np.ndarray, names: np.ndarray, siblings: bool) -> tuple[float, float]:
    """The weight of the regression against the median, and how many standard deviations hold 90 % of the truths.

    Both come from forecasts of each of the other runs without itself (or, without `siblings`, without its setup)."""
    misses, sds = [], []
    for i in range(len(gains)):
        rest = np.arange(len(gains)) != i if siblings else names != names[i]
        if np.sum(rest) < 2:
            continue
        near = rest & (names == names[i])
        median = np.median(gains[near if near.any() else rest])
        solved = np.linalg.solve(known[np.ix_(rest, rest)], known[rest, i])
        misses.append([solved @ gains[rest] - gains[i], median - gains[i]])
        sds.append(np.sqrt(known[i, i] - solved @ known[rest, i]))
    if len(misses) < 3:
        return 0.5, CAUTIOUS
    one, other = np.median(np.abs(misses), axis=0) + 1e-9
    weight = other**2 / (one**2 + other**2)
    sizes = np.sort(np.abs(np.array(misses) @ [weight, 1 - weight]) / sds)
    found = sizes[min(int(np.ceil(0.9 * (len(sizes) + 1))), len(sizes)) - 1]
    return float(weight), float((len(sizes) * found + PRIOR * CAUTIOUS) / (len(sizes) + PRIOR))
