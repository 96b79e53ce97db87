"""Training has become slower, or one rank holds up the others."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .....db.records import Finding
from .._support.baseline import RunningBaseline, confidence
from .._support.block_medians import BlockMedians
from .._support.fault import Fault
from .._support.outlier_groups import OutlierGroup, OutlierGroups
from ..detector import EMPTY, Detector, Facts, News, Points
from ..severity import Severity

SPEEDS = "tokens_per_s", "steps_per_s", "step_time"  # the first that the run has; the last is turned over
EARLY = 16  # points of one of them, by which every one that the run has has begun
BLOCK = 8  # points: single slow steps (evaluation, checkpoints) vanish in their median
SLOW = 0.7  # of what was usual ...
SPREADS = 6.0  # ... and this many robust sd of the log below it
IN_A_ROW = 3  # blocks
RANKS = "step_time_rank"  # of each rank, without what it waited for others
LATE = 1.3  # a rank's step time over the median of the other ranks'
SLOWER = (
    "Look at the data loader, at the temperature and clock of the devices, at other jobs on the machine and at the "
    "memory in use: garbage collection and swapping look like this."
)
STRAGGLER = "Look at that rank's device and host: every step waits for it."


class Watch:
    """The median of each 8 points against the 256 such medians before, and the ranks against each other.

    Why: nothing in the loss tells that a run takes twice its time. A slow-down counts after 24 points, on a log scale;
    what stays slow becomes usual after some hundred points.
    """

    def __init__(self, facts: Facts) -> None:
        self.name = ""
        self.early: dict[str, list[tuple[int, float]]] = {}
        self.blocks = BlockMedians(BLOCK)
        self.baseline = RunningBaseline(width=256, every=8, lag=4, floor=0.0)
        self.runs = OutlierGroups(gap=1, least=IN_A_ROW)
        self.ranks: dict[tuple[str, ...], BlockMedians] = {}
        self.waiting: dict[tuple[str, ...], list[tuple[int, float]]] = {}  # medians that not all ranks have yet
        self.late: dict[tuple[str, ...], Fault] = {}
        self.row: dict[tuple[str, ...], int] = {}

    def see(self, news: News) -> list[Finding]:
        found = []
        points = news.of(self.name) if self.name else self._first(news)
        if self.name:
            steps, slowness = self.blocks.feed(*_logs(points))
            slowness = slowness if self.name == "step_time" else -slowness
            level, spread = self.baseline.feed(slowness)
            score = (slowness - level) / np.maximum(spread, 0.01)
            flags = (slowness - level >= -np.log(SLOW)) & (score >= SPREADS)
            share = np.exp(np.minimum(level - slowness, 0))
            found = [_slow(one) for one in self.runs.feed(steps, flags, score, share=share)]
        return found + self._stragglers(news.points.get(RANKS, {}))

    def _first(self, news: News) -> Points:
        """The first points of the speed that is gone by, chosen when one has EARLY: they begin some steps apart."""
        for name in SPEEDS:
            new = zip(*(column.tolist() for column in news.of(name)), strict=True)
            self.early.setdefault(name, []).extend(new)
        ends = [points[EARLY - 1][0] for points in self.early.values() if len(points) >= EARLY]
        if not ends:
            return EMPTY
        self.name = next(name for name in SPEEDS if self.early[name] and self.early[name][0][0] <= min(ends))
        steps, values = zip(*self.early.pop(self.name), strict=True)
        self.early.clear()
        return np.array(steps, np.int64), np.array(values, float)

    def _stragglers(self, parts: Mapping[tuple[str, ...], Points]) -> list[Finding]:
        for part, points in parts.items():
            if part not in self.ranks:
                self.ranks[part], self.waiting[part] = BlockMedians(BLOCK), []
                self.late[part], self.row[part] = Fault(), 0
            steps, logs = self.ranks[part].feed(*_logs(points))
            self.waiting[part] += zip(steps.tolist(), logs.tolist(), strict=True)
        while len(self.ranks) > 1 and all(self.waiting.values()):
            now = {part: waiting.pop(0) for part, waiting in self.waiting.items()}
            for part, (step, log) in now.items():
                usual = float(np.median([other for one, (_, other) in now.items() if one != part]))
                self.row[part] = self.row[part] + 1 if log - usual >= np.log(LATE) else 0
                if self.row[part] >= IN_A_ROW:
                    self.late[part].report(_late("/".join(part), step, float(np.exp(log - usual))))
                elif not self.row[part]:
                    self.late[part].close()
        for part, waiting in self.waiting.items():
            self.waiting[part] = waiting[-64:]  # a rank that is never heard of again must not fill the memory
        return [finding for fault in self.late.values() for finding in fault.changes()]


def _logs(points: Points) -> Points:
    """The positive values of a series as logs."""
    steps, values = points
    keep = np.isfinite(values) & (values > 0)
    return steps[keep], np.log(values[keep])


def _slow(one: OutlierGroup) -> Finding:
    share = one.at_peak["share"]
    over = "" if one.open else f", until step {one.last:,}"
    text = f"Training runs at {share:.0%} of its usual speed since about step {one.first:,}{over}."
    evidence = {**one.at_peak, "score": one.peak}
    return Finding(
        "throughput", "", one.first, one.last, one.flagged, Severity.WATCH, text, SLOWER, evidence,
        confidence(one.peak, SPREADS), one.open,
    )  # fmt: skip


def _late(rank: str, step: int, times: float) -> Finding:
    text = f"Rank {rank} takes {times:.2g} times as long for a step as the others, and all wait for it."
    return Finding("throughput", rank, step, step, step, Severity.WATCH, text, STRAGGLER, {"times": times}, 0.8)


SENTENCE = "Training has become much slower than it was, or one rank lags."
detector = Detector("throughput", SENTENCE, (*SPEEDS, RANKS), Watch, needs=BLOCK * IN_A_ROW)
