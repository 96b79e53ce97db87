"""What the laws expect and how finished runs went on, joined into one end with one interval.

Both speak of the logarithm of the loss at the end, so that no forecast falls below zero. Laws that describe a run to
within its noise keep their own intervals. Where they do not (another kind of run, repeated data, a size or an optimizer
never seen), the loss is carried on from where it is: by the shape of the laws where they fit the past well, by its own
recent trend where they do not. The interval is then as wide as such forecasts of kinds of run that they were not made
from were wrong: much wider below, where decays of the learning rate pay out, than above."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .shapes import FEWEST, Course, Gain

FITS = 0.1  # relative misfit of the past at which laws and trend count alike
PER_TIME, PER_FALL = (
    0.83,
    0.31,
)  # of the fall over the last half of the steps: per e-fold of LR spent, per fall of the LR
FALL, TRAIN_FALL = 1.0, 2.2  # how much further log losses fell in the steps left, as a share of all steps
DEEPEST = 2.3  # a tenth of the middle: what may be lower still is not worth a bound
HALF = 0.42  # the half width of the 50 % interval, as a share of that of the 90 % one
TOO_WIDE = 0.3  # of the mid, either way: beyond it the end cannot be foretold yet
LITTLE = 0.02  # share of finished runs beside the laws that is not worth saying


@dataclass(frozen=True)
class LogEnd:
    """A log loss and how far below and above it the 90 % interval reaches."""

    log: float
    down: float
    up: float

    def widened(self, times: float) -> LogEnd:
        return LogEnd(self.log, times * self.down, times * self.up)

    @property
    def times_too_wide(self) -> float:
        """How many times as far as `TOO_WIDE` it reaches: the doubt falls about as the steps that are left do."""
        return float(max(self.down / -np.log1p(-TOO_WIDE), self.up / np.log1p(TOO_WIDE)))

    @property
    def too_wide(self) -> bool:
        return self.times_too_wide > 1


@dataclass(frozen=True, eq=False)
class Tilt:
    """How a forecast leaves the laws: through the losses of `course` up to step `at`, then along the laws' curve, which
    `start` moves to the loss of now and `lift` to the expected one at `end`, the interval growing to that of `end`.
    """

    course: Course
    window: float
    at: int
    for_step: int
    start: float
    lift: float
    end: LogEnd
    straight: bool = False  # no law's curve between `at` and `end`, none being close to the losses

    def moved(self, steps: np.ndarray, mid: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The middle at `steps`, where the laws have it at `mid`, and the half widths of log loss below and above."""
        share = np.clip((steps - self.at) / max(self.for_step - self.at, 1), 0, 1)
        if self.straight:
            now = float(self.course.level(self.at, self.window))
            mid = np.exp(now + (self.end.log - now) * share)
        else:
            mid = mid * np.exp(self.start + (self.lift - self.start) * share)
        past = steps < self.at
        mid[past] = np.exp([self.course.around(step, self.window) for step in steps[past]])
        known = 2 * max(self.course.spread(self.at, self.window), 1e-3)
        down, up = (known + max(width - known, 0) * np.sqrt(share) for width in (self.end.down, self.end.up))
        return mid, down, up


def unknown(course: Course, at: int, end: int, window: float, gain: float, miss: float, alone: bool) -> LogEnd:
    """The end of a run that no law was made for; the laws expect `gain` of its log loss and missed its past by `miss`.

    A past that follows a law closely is taken to go on so, but only where the run is `alone`: where there are finished
    runs of its project, they know. The constants are quantiles over kinds of run: images, translation, graphs, and
    small problems of many kinds."""
    schedule = course.schedule
    half, recent, now = course.level(np.array([0.5, 0.75, 1.0]) * at, window)
    spent = np.log(schedule.tau[min(end, schedule.total)] / max(schedule.tau[at], 1e-9))
    left, last = np.interp([at, end], schedule.steps, schedule.lr) / schedule.peak
    trend = -(half - now) * (PER_TIME * spent + PER_FALL * max(left - last, 0))
    trust = 1 / (1 + (miss / FITS) ** 2)
    gain = trust * gain + (1 - trust) * trend if np.isfinite(gain) else trend
    noise, rest = course.spread(at, window), 1 - at / end
    fallen = np.clip(2 * (np.log(course.losses[:FEWEST].mean()) - now), 0, 1)  # what never fell seldom begins to
    reach = (TRAIN_FALL if course.setup.loss_kind == "train" else FALL) * (0.3 + 0.7 * fallen)
    if alone:
        reach *= np.clip(max(miss, 1.5 * noise) / 0.01, 0.2, 1)
    down = 0.01 + 0.4 * abs(gain) + abs(recent - now) + reach * rest + noise
    up = 0.01 + 0.7 * abs(gain) + 0.02 * rest + 2 * noise
    return LogEnd(float(now + gain), float(min(down, DEEPEST)), float(up))


def joined(laws: LogEnd, now: float, gain: Gain | None) -> tuple[LogEnd, float]:
    """The end, and the share of the finished runs in it: the narrower of both has nearly all the say.

    `now` is the log loss that `gain` counts from."""
    if gain is None:
        return laws, 0.0
    other, width = now + gain.mean, gain.quantile * gain.sd
    share = 1 / (1 + (width / max(laws.down, laws.up)) ** 4)
    apart = share * (1 - share) * (laws.log - other) ** 2
    down, up = (
        float(np.sqrt(((1 - share) * side) ** 2 + (share * width) ** 2 + apart)) for side in (laws.down, laws.up)
    )
    return LogEnd((1 - share) * laws.log + share * other, down, up), float(share)
