"""What explains a rise of the loss: the user or the schedule did something that is known to raise it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..detector import News
from .baseline import RunningBaseline, finite

SIGNALS = "lr", "tokens"  # a detector that uses ExpectedRises names these too
KINDS = {
    "data": "the data changed",
    "task": "the task changed",
    "restart": "the run was started again",
    "batch": "the batch changed",
    "sequence": "the sequence length changed",
    "unlearning": "the run unlearns",
}
OTHER_DATA = "data", "task", "unlearning"  # these may lift the loss to any height
FOR_GOOD = "unlearning"  # explains all that follows
END = 2**62  # beyond any step
REWARM = 1.1  # the learning rate rises by this factor ...
FALLEN = 0.9  # ... from below this part of its peak so far
BATCH = 0.25  # relative change of the tokens a step
IN_A_ROW = 4  # steps of another size: one short batch at the end of an epoch is no change


@dataclass(frozen=True)
class Cause:
    """From step `first` to `last` a rise is to be expected, because of `why`; other data may lift it to any height."""

    first: int
    last: int
    why: str
    other_data: bool = False


def hold(step: int) -> int:
    """For how many steps a cause goes on to explain: 100, later a tenth of the steps so far."""
    return max(100, step // 10)


class ExpectedRises:
    """The causes of expected rises so far, each known at the step at which it begins.

    They are: a learning rate that rises again by 10 % after it had fallen by 10 % (re-warm, cyclic schedules, WSD-S;
    the first warm-up explains nothing), another number of tokens a step (+-25 %, four steps in a row), and entries of
    the run's timeline: data, task, restart, batch, sequence, unlearning (which its configuration can say, too). A rise
    is explained until `hold` steps after, by unlearning for good; a detector should still speak when it is beyond all
    expectation (non-finite, back at the loss of the start).
    See a piece of news here first, then ask about its steps. Source: re-warming alone costs .1 to .45 nats on
    unchanged data (Gupta et al. 2023; Ibrahim et al. 2024).
    """

    def __init__(self) -> None:
        self.causes: list[Cause] = []  # in the order of their beginnings; those over before the latest news are gone
        self._until = -1
        self._rates: dict[tuple[str, ...], _Rises] = {}
        self._sizes = _Sizes()

    def see(self, news: News) -> None:
        """Takes in what came; to be called once for each piece of news, before `explains`."""
        found = [
            Cause(h.step, END if h.kind == FOR_GOOD else h.step + hold(h.step), KINDS[h.kind], h.kind in OTHER_DATA)
            for h in news.happenings
            if h.kind in KINDS
        ]
        for part, points in news.points.get("lr", {}).items():
            steps = self._rates.setdefault(part, _Rises()).feed(*points)
            found += spans(steps, "the learning rate was raised again")
        found += spans(self._sizes.feed(*news.of("tokens")), "the number of tokens a step changed")
        self.causes = [cause for cause in self.causes if cause.last >= self._until]
        for cause in sorted(found, key=lambda one: (one.first, one.why)):
            self._add(cause)
        self._until = news.until

    def explains(self, steps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(mask, cause) [n]: whether a rise at each of these new steps is explained, and by which Cause (else None)."""
        mask, cause = np.zeros(len(steps), bool), np.full(len(steps), None, object)
        for one in self.causes:
            lo, hi = np.searchsorted(steps, [one.first, one.last + 1])
            mask[lo:hi], cause[lo:hi] = True, one
        return mask, cause

    def _add(self, new: Cause) -> None:
        for i, old in enumerate(self.causes):
            if old.why == new.why and new.first <= old.last:
                self.causes[i] = replace(old, last=max(old.last, new.last))
                return
        self.causes.append(new)


def spans(steps: np.ndarray, why: str) -> list[Cause]:
    """Steps at which a cause was at work, merged where the next one lies within the hold of the one before."""
    if not len(steps):
        return []
    breaks = np.flatnonzero(np.diff(steps) > np.maximum(100, steps[:-1] // 10)) + 1
    groups = np.split(steps, breaks)
    return [Cause(int(group[0]), int(group[-1]) + hold(int(group[-1])), why) for group in groups]


class _Rises:
    """Finds the steps at which a learning rate rises again after a fall."""

    def __init__(self) -> None:
        self._last = self._foot = np.nan  # the newest rate, and where it last fell to
        self._peak = -np.inf  # the highest rate so far
        self._high = np.nan  # the peak by the time of the last fall

    def feed(self, steps: np.ndarray, values: np.ndarray) -> np.ndarray:
        steps, values = finite((steps, values))
        if not len(values):
            return steps
        before = np.concatenate([[self._last], values[:-1]])
        peaks = np.maximum.accumulate(np.maximum(values, self._peak))
        fall = np.maximum.accumulate(np.where(values < before, np.arange(len(values)), -1))  # index of the last one
        foot, high = np.where(fall < 0, self._foot, values[fall]), np.where(fall < 0, self._high, peaks[fall])
        again = (values > before) & (values >= REWARM * foot) & (foot <= FALLEN * high)
        self._last, self._peak, self._foot, self._high = values[-1], peaks[-1], foot[-1], high[-1]
        return steps[again]


class _Sizes:
    """Finds the steps at which the number of tokens a step has become another."""

    def __init__(self) -> None:
        self._usual = RunningBaseline(width=64, every=16, lag=IN_A_ROW, floor=BATCH / 6)
        self._last: tuple[int, float] | None = None
        self._row = 0  # steps in a row of another size, up to the newest

    def feed(self, steps: np.ndarray, values: np.ndarray) -> np.ndarray:
        steps, values = finite((steps, values))
        if self._last is None and len(steps):
            self._last, steps, values = (int(steps[0]), float(values[0])), steps[1:], values[1:]
        if self._last is None or not len(steps):
            return steps
        rate = np.diff(values, prepend=self._last[1]) / np.diff(steps, prepend=self._last[0])
        level, spread = self._usual.feed(rate)
        count = np.arange(1, len(rate) + 1)
        row = count - np.maximum.accumulate(np.where(np.abs(rate - level) > 6 * spread, -self._row, count))
        self._last, self._row = (int(steps[-1]), float(values[-1])), int(row[-1])
        return steps[row >= IN_A_ROW]
