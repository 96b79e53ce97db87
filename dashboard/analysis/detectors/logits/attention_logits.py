"""Attention logits that grow: a slow divergence without any spike, seen long before the loss moves."""

from __future__ import annotations

import math

import numpy as np

from .....db.records import Finding
from .._support.fault import Fault
from .._support.growth import FEWEST, Growth, Windows, project
from ..detector import Detector, Facts, News, Points
from ..severity import Severity

LIMIT, HIGH = 1e4, 100.0  # runs beyond the first diverged; at the second logits are clipped where that is done
EARLY, UNSURE = 30.0, 50.0  # below the first all young runs grow, below the second only a clear trend counts
DOUBLED = math.log(2)  # a trend: a doubling within its window at least
CALM = 5  # samples in a row without a fault, and well below 100, close it
ADVICE = (
    "Normalise queries and keys (qk-norm), lower the learning rate or lengthen its warm-up; where the model must "
    "stay, clip the query and key projections of the heads beyond 100."
)

Verdict = tuple[Severity | None, Severity | None, Growth | None]  # the one before, the newest, and why


class Watch:
    """The median of the last three samples, and the trend of log max |logit| in windows of all lengths.

    Why: logits grow for thousands of steps before the loss moves, and runs in which they passed 10,000 diverged.
    Watch: the median is above 100, or a trend of at least a doubling within its window passes 10,000 before the
    planned end (without a plan: before twice the steps so far), twice in a row. Act: the upper end of that crossing's
    interval lies before the end as well, or the median is above 10,000. Below 30 there is no finding: all young runs
    grow. It is over after 5 samples in a row below 70. Sources: Wortsman et al. 2023; QK-clip acts above 100.
    """

    def __init__(self, facts: Facts) -> None:
        self.planned = facts.planned
        self.fault = Fault()
        self.windows = Windows()
        self.peaks = Peaks()
        self.started: int | None = None
        self.before = np.empty(0)  # the last two samples
        self.verdicts: dict[int, Verdict] = {}  # by scale
        self.calm = 0

    def see(self, news: News) -> list[Finding]:
        steps, peaks = self.peaks.see(news)
        if not len(steps):
            return []
        started = self.started = int(steps[0]) if self.started is None else self.started
        logs = np.log(np.clip(peaks, 1e-3, 1e30))
        line = np.r_[self.before, logs]
        levels = _median_of_three(line)[len(self.before) :]
        self.before = line[-2:]
        i = 0
        while i < len(steps):
            quiet = 0 if self.fault.open else _leading(levels[i:] < math.log(EARLY))
            if quiet:
                self.windows.add(steps[i : i + quiet], logs[i : i + quiet])
                self.verdicts.clear()
                i += quiet
            else:
                scales = self.windows.add(steps[i : i + 1], logs[i : i + 1])
                self._decide(int(steps[i]), float(levels[i]), scales, started)
                i += 1
        return self.fault.changes()

    def _decide(self, step: int, level: float, scales: list[int], started: int) -> None:
        planned = self.planned if self.planned and self.planned > step else None
        end = planned or 2 * step - started  # no plan: as long again as so far
        self._judge(level, scales, end)
        held = [
            (min(was, now), why)
            for was, now, why in self.verdicts.values()
            if was is not None and now is not None and why is not None
        ]
        severity: Severity | None = None
        why: Growth | None = None
        if held:
            severity, why = max(held, key=lambda h: (h[0], -h[1].crossing.high, -h[1].crossing.mid))
        if level >= math.log(LIMIT):
            severity = Severity.ACT
        elif level >= math.log(HIGH) and severity is None:
            severity = Severity.WATCH
        if severity is None:
            self.calm = self.calm + 1 if level < math.log(0.7 * HIGH) else 0
            if self.calm >= CALM:
                self.fault.close()
            return
        self.calm = 0
        self.fault.report(self._finding(step, level, severity, why, planned))

    def _judge(self, level: float, scales: list[int], end: int) -> None:
        """Project the trend at the scales that have a new point."""
        if level < math.log(EARLY):
            self.verdicts.clear()
            return
        for scale in scales:
            steps, logs = self.windows.of(scale)
            was, now, why = self.verdicts.get(scale, (None, None, None))[1], None, None
            third = len(steps) // 3
            if third and logs[-third:].mean() - logs[:third].mean() > DOUBLED / 2 and len(steps) >= FEWEST:
                why = project(steps, logs, math.log(LIMIT))
                clear = math.isfinite(why.crossing.high) or level >= math.log(UNSURE)
                if why.rise >= DOUBLED and why.crossing.mid < end and clear:
                    now = Severity.ACT if why.crossing.high < end else Severity.WATCH
            self.verdicts[scale] = was, now, why

    def _finding(self, step: int, level: float, severity: Severity, why: Growth | None, planned: int | None) -> Finding:
        part, value = self.peaks.leader(step), math.exp(level)
        evidence = {"value": value, "limit": LIMIT, "at": float(step)}
        text = f"The largest attention logit{' (' + part + ')' if part else ''} is {value:,.0f}"
        if why is None:
            text += ", beyond 10,000, where runs diverge." if value >= LIMIT else (
                ": above 100, where one-hot attention sets in; its trend does not reach 10,000 in time."
            )  # fmt: skip
            return Finding("attention_logits", part, step, step, step, severity, text, ADVICE, evidence, 0.6)
        evidence |= {"at": float(why.at), "slope": why.slope, "intercept": why.intercept, "rise": why.rise}
        at = why.crossing
        crossings = {"crossing_low": at.low, "crossing_mid": at.mid, "crossing_high": at.high}
        evidence |= {name: x for name, x in crossings.items() if math.isfinite(x)}
        if planned:
            evidence["planned"] = float(planned)
        text += f" and doubles every {math.log(2) / why.slope:,.0f} steps"
        if value >= LIMIT:
            text += ": it is beyond 10,000, where runs diverge."
        else:
            late = f"to {at.high:,.0f}" if math.isfinite(at.high) else "or later or never"
            where = f", before the planned end at {planned:,}" if planned else ""
            text += f"; at that pace it passes 10,000 near step {at.mid:,.0f} ({at.low:,.0f} {late}){where}."
        sure = 0.95 if severity is Severity.ACT else 0.7
        return Finding("attention_logits", part, step, step, step, severity, text, ADVICE, evidence, sure)


class Peaks:
    """The largest |logit| of each sampled step over all layers and heads, and which head it was."""

    def __init__(self) -> None:
        self.heads: dict[str, Points] = {}  # the newest points of each

    def see(self, news: News) -> Points:
        columns = [news.of("attn_logit_peak")]
        old = {name: (steps[-1:], values[-1:]) for name, (steps, values) in self.heads.items()}
        for part, points in news.points.get("attn_logit_max", {}).items():
            name = "/".join(part)
            columns.append(points)
            last = old.get(name, (points[0][:0], points[1][:0]))
            old[name] = np.r_[last[0], points[0]], np.r_[last[1], points[1]]
        self.heads = old
        steps, where = np.unique(np.concatenate([c[0] for c in columns]), return_inverse=True)
        peaks = np.full(len(steps), -np.inf)
        np.fmax.at(peaks, where, np.concatenate([c[1] for c in columns]))
        keep = peaks > -np.inf  # a sample that is NaN everywhere says nothing of size
        return steps[keep], peaks[keep]

    def leader(self, step: int) -> str:
        """The head with the largest logit in its latest sample up to `step`; "" where heads are not recorded."""
        best, name = -np.inf, ""
        for head, (steps, values) in self.heads.items():
            i = np.searchsorted(steps, step, side="right") - 1
            if i >= 0 and values[i] > best:
                best, name = values[i], head
        return name


def _median_of_three(line: np.ndarray) -> np.ndarray:
    """The median of each value and the two before it; of what there is at the beginning."""
    if len(line) < 3:
        return np.array([np.median(line[: i + 1]) for i in range(len(line))])
    three = np.lib.stride_tricks.sliding_window_view(line, 3)
    medians: np.ndarray = np.r_[line[0], (line[0] + line[1]) / 2, np.median(three, axis=1)]
    return medians


def _leading(mask: np.ndarray) -> int:
    """How many values are true at the beginning."""
    return len(mask) if mask.all() else int(np.argmin(mask))


detector = Detector(
    "attention_logits",
    "The largest attention logit is above 100, or its trend reaches 10,000 before the planned end.",
    ("attn_logit_peak", "attn_logit_max"),
    Watch,
    mechanism=True,
)
