"""The optimizer's steps grow too large for the weights: a learning rate beyond what the model can bear."""

from __future__ import annotations

import numpy as np

from .....db.records import Finding
from .._support.outlier_groups import OutlierGroup, OutlierGroups
from ..detector import EMPTY, Detector, Facts, News
from ..severity import Severity

WATCH, ACT = 0.02, 0.04  # length of a step over that of the weights; .001 is usual
GROWN, FAR = 2.5, 4.0  # times the smallest it has been since the warm-up
WINDOW = 9  # points whose median counts
SETTLED = 5  # points over which the learning rate has not risen: the warm-up is over
GAP = 20
MOST = 1e6  # what is larger says no more
ADVICE = "Lower the learning rate to its value where the updates were smallest, and resume from an earlier checkpoint."


class Watch:
    """r = |step| / |weights|, the median of 9 points, against its own minimum since the warm-up.

    Why: r falls as weights grow, and in a healthy run it goes on falling or follows the learning rate down and back up
    to where it was. A rise to 2 % of the weights a step, 2.5 times the minimum, says that the rate is growing beyond
    what the model can use; at 4 % the steps undo more than they learn. A rate that is too large from the first step on
    is not seen here: nothing was smaller before. Needs the learning rate, to know when the warm-up is over.
    Source: the rule of thumb of .001 (Karpathy, "A Recipe for Training Neural Networks"); limits tuned on the zoo.
    """

    def __init__(self, facts: Facts) -> None:
        self.steps, self.ratios, self.rates = np.empty(0, np.int64), np.empty(0), np.empty(0)
        self.lowest = np.inf
        self.warm = False
        self.group: tuple[str, ...] | None = None
        self.runs, self.acts = OutlierGroups(gap=GAP), OutlierGroups(gap=GAP)
        self.acted: dict[int, int] = {}  # where it became grave -> the step that sufficed, of the open stretch

    def see(self, news: News) -> list[Finding]:
        steps, ratios, rates = self._aligned(news)
        past = len(self.steps)
        self.steps = np.concatenate([self.steps, steps])
        self.ratios, self.rates = np.concatenate([self.ratios, ratios]), np.concatenate([self.rates, rates])
        if len(self.steps) < WINDOW:
            return []
        # one row for each point that has eight before it and was not judged yet
        new = slice(max(past, WINDOW - 1) - (WINDOW - 1), None)
        windows = np.lib.stride_tricks.sliding_window_view(self.ratios, WINDOW)[new]
        at = self.steps[WINDOW - 1 :][new]
        level = np.median(windows, axis=1)
        settled = self.rates[WINDOW - 1 :][new] <= 1.001 * self.rates[WINDOW - 1 - SETTLED : -SETTLED][new]
        warm = np.logical_or.accumulate(np.append(self.warm, settled))[1:]
        lowest = np.minimum.accumulate(np.append(self.lowest, np.where(warm, level, np.inf)))[1:]
        if len(at):
            self.warm, self.lowest = bool(warm[-1]), float(lowest[-1])
        keep = len(self.steps) - (WINDOW - 1)
        self.steps, self.ratios, self.rates = self.steps[keep:], self.ratios[keep:], self.rates[keep:]
        known = {"ratio": level, "lowest": lowest}
        hot = (level >= WATCH) & (level >= GROWN * lowest)
        for act in self.acts.feed(at, (level >= ACT) & (level >= FAR * lowest), level):
            self.acted.setdefault(act.first, act.flagged)
        stretches = self.runs.feed(at, hot, level, **known)
        found = [self._finding(one) for one in stretches]
        since = next((one.first for one in stretches if one.open), None if stretches else -1)
        self.acted = {k: v for k, v in self.acted.items() if since is not None and k >= since}
        return found

    def _aligned(self, news: News) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The new ratios that are finite, each with the learning rate of its step, the first group's."""
        groups = news.points.get("lr", {})
        if self.group is None and groups:
            self.group = min(groups)
        steps, ratios = news.of("update_ratio")
        ratios = np.minimum(ratios, MOST)
        at, rates = groups.get(self.group, EMPTY) if self.group is not None else EMPTY
        steps, here, there = np.intersect1d(steps, at, assume_unique=True, return_indices=True)
        ratios, rates = ratios[here], rates[there]
        keep = np.isfinite(ratios) & np.isfinite(rates) & (ratios > 0)
        return steps[keep], ratios[keep], rates[keep]

    def _finding(self, one: OutlierGroup) -> Finding:
        grave = min((first for first in self.acted if one.first <= first <= one.last), default=None)
        ratio, lowest = one.at_peak["ratio"], one.at_peak["lowest"]
        text = (
            f"The optimizer's updates reached {ratio:.1%} of the weights at step {one.peak_step:,}, "
            f"{ratio / lowest:.1f} times their lowest: the learning rate is too large."
        )
        evidence = one.at_peak | {"peak_step": float(one.peak_step)}
        return Finding(
            "step_size", "", one.first, one.last, one.flagged if grave is None else self.acted[grave],
            Severity.WATCH if grave is None else Severity.ACT, text, ADVICE, evidence,
            min(1.0, 0.5 + 0.5 * (ratio - WATCH) / ACT), one.open,
        )  # fmt: skip


detector = Detector(
    "step_size",
    "The optimizer's updates grow too large relative to the weights.",
    ("update_ratio", "lr"),
    Watch,
    mechanism=True,
    needs=WINDOW + 1,
)
