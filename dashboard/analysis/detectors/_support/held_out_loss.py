"""The held-out loss beside the training loss and the learning rate, in bounded memory, in the order of the steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..detector import News, Points
from .downsampled import Downsampled

OTHER_DATA = "data", "task", "evaluation"  # entries of the timeline after which the losses are of something else
MEANT = "unlearning"  # the entry after which a loss is meant to rise
WAY_OUT = (
    " If the evaluation set changed there, record it with run.event('evaluation', what); if the loss is meant to rise,"
    " set unlearning=True in the run's configuration; of a finished run, mark this as a false alarm."
)
ROBUST_SD = 1.4826
SURE = 3.5  # errors: the lowest of many and the highest of many looks differ by 2 or 3 anyway
LEAST = 0.005  # of the loss
HUGE = 1e30  # as good as infinite, and its square is


@dataclass(frozen=True)
class HeldOutRise:
    """The held-out loss was lowest at `bottom` and has risen since; `error` is one standard error of `size`."""

    bottom: int  # step
    lowest: float
    size: float
    error: float
    training: float  # change of the training loss meanwhile
    training_error: float

    @property
    def sure(self) -> bool:
        """Beyond what noise makes of a flat line, and half a percent of the loss, while the training loss falls."""
        return self.size - SURE * self.error > LEAST * self.lowest and self.training + 2 * self.training_error < 0


class HeldOutLoss:
    """Evaluations of one held-out set so far; begins anew where the data change."""

    def __init__(self, part: tuple[str, ...] = ()):
        self.part = part
        self.held = Downsampled(256)
        self.train = Downsampled(512, every=4)
        self.rate = Downsampled(512)
        self.begun = False
        self.meant = False  # a rise is what the run is for

    def feed(self, news: News) -> Iterator[int]:
        """Takes in what came, in order; stops at each evaluation (or mean of several) with its step."""
        held, train = news.of("val_loss", self.part), news.of("loss")
        rate = next((points for _, points in sorted(news.points.get("lr", {}).items())), news.of("lr"))
        changes = sorted(h.step for h in news.happenings if h.kind in OTHER_DATA)
        self.meant |= any(h.kind == MEANT for h in news.happenings)
        done = -1
        for change in [*changes, news.until + 1]:
            now = [_between(points, done, change) for points in (held, train, rate)]
            yield from self._feed(*now)
            if change <= news.until:
                for thin in (self.held, self.train, self.rate):
                    thin.clear()
                self.begun = False
            done = change

    def _feed(self, held: Points, train: Points, rate: Points) -> Iterator[int]:
        beside = [(self.train, train), (self.rate, rate)]
        for step in self.held.feed(*held):
            beside = [(thin, _up_to(step, thin, points, self.begun)) for thin, points in beside]
            self.begun = True  # what was before the first evaluation is not needed
            yield step
        if self.begun:
            for thin, points in beside:
                thin.add(*points)

    def noise(self) -> float:
        """Standard deviation of one evaluation, from second differences: a trend is none."""
        return ROBUST_SD * float(np.median(np.abs(np.diff(self.held.values, 2)))) / 6**0.5

    def smooth(self) -> tuple[np.ndarray, np.ndarray, float]:
        """Steps and means of three evaluations or a sixteenth of them, and the standard error of a difference."""
        values, n = self.held.values, len(self.held)
        width = max(3, n // 16)
        sums = np.cumsum(np.concatenate([[0.0], values]))
        middles = self.held.steps[width // 2 : n - (width - 1) // 2]
        return middles, (sums[width:] - sums[:-width]) / width, self.noise() * (2 / width) ** 0.5

    def rise(self) -> HeldOutRise | None:
        """The rise since the lowest mean; None before two more of them have followed it without overlap, and
        where it is meant to rise."""
        if len(self.held) < 8 or self.meant:
            return None
        steps, means, error = self.smooth()
        low = int(np.argmin(means))
        width = len(self.held) - len(means) + 1
        if len(means) - 1 - low < width + 1:
            return None
        bottom = int(steps[low])
        change = self.trained(bottom, int(self.held.steps[-1]))
        return None if change is None else HeldOutRise(bottom, means[low], means[-1] - means[low], error, *change)

    def trained(self, lo: int, hi: int) -> tuple[float, float] | None:
        """Change of the training loss between two steps and its standard error: last third less first."""
        inside = self.train.values[(self.train.steps > lo) & (self.train.steps <= hi)]
        third = len(inside) // 3
        if third < 1 or len(inside) < 4:
            return None
        noise = ROBUST_SD * float(np.median(np.abs(np.diff(inside, 2)))) / 6**0.5
        return float(inside[-third:].mean() - inside[:third].mean()), noise * (2 / third) ** 0.5

    def rates(self, lo: int, hi: int) -> np.ndarray:
        """Learning rates between two steps; empty where they are not recorded."""
        return self.rate.values[(self.rate.steps >= lo) & (self.rate.steps <= hi)]


def _up_to(step: int, thin: Downsampled, points: Points, keep: bool) -> Points:
    """Hands the points up to a step over, or drops them; what is left."""
    steps, values = points
    end = int(np.searchsorted(steps, step, side="right"))
    if keep:
        thin.add(steps[:end], values[:end])
    return steps[end:], values[end:]


def _between(points: Points, lo: int, hi: int) -> Points:
    steps, values = points
    a, b = np.searchsorted(steps, [lo, hi])
    keep = np.abs(values[a:b]) < HUGE
    return steps[a:b][keep], values[a:b][keep]
