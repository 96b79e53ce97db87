"""The loss scale of mixed precision collapses: gradients overflow again and again, and a blow-up may follow."""

from __future__ import annotations

import numpy as np

from .....db.records import Finding
from .._support.fault import Fault
from ..detector import Detector, Facts, News
from ..severity import Severity

SOON, LATER = 100, 1000  # steps
HALVINGS, MANY = 4, 6  # net, in the shorter time; the second number suffices in the longer one
SETTLED = 20  # steps without a change, or a first rise, end the search for a scale at the start
ROOM = 1  # at this scale nothing is left to halve
ADVICE = (
    "Look at the gradient norms of the last hundred steps, the embedding's first; lower the learning rate or "
    "shrink the embedding's gradient; train in bfloat16 if the device has it."
)


class Watch:
    """log2 of the scale against its highest value within the last 100 and the last 1,000 steps.

    Why: each halving is an overflow. A scaler at work halves as often as it doubles, about once in 2,000 steps; a net
    fall of several halvings means that gradients have outgrown the range. It is over once fewer than four halvings of
    the last 1,000 steps are missing. Source: the public log of GLM-130B, where the scale fell drastically 30 steps
    before the loss exploded.
    """

    def __init__(self, facts: Facts) -> None:
        self.fault = Fault()
        self.levels: list[tuple[int, float]] = []  # (held until, log2 scale) within the last LATER steps
        self.since = 0  # when the newest level began
        self.settled = False
        self.before = 0.0  # the level before the fall that is going on

    def see(self, news: News) -> list[Finding]:
        steps, scales = news.of("loss_scale")
        keep = np.isfinite(scales) & (scales > 0)
        steps, logs = steps[keep], np.log2(scales[keep])
        if not len(steps):
            return []
        if not self.levels:
            self.since = int(steps[0])
            self.levels = [(int(steps[0]), float(logs[0]))]
        for i in np.flatnonzero(np.diff(logs, prepend=self.levels[-1][1])).tolist():
            if i:
                self._hold(int(steps[i - 1]))
            self._change(int(steps[i]), float(logs[i]))
        self._hold(int(steps[-1]))
        return self.fault.changes()

    def _hold(self, step: int) -> None:
        """The level has not changed up to `step`."""
        level = self.levels[-1][1]
        self.levels[-1] = step, level
        self.settled |= step - self.since >= SETTLED
        if self.fault.open and self._highest(step, LATER) - level < HALVINGS:
            self.fault.close()

    def _change(self, step: int, level: float) -> None:
        fell = level < self.levels[-1][1]
        self.since = step
        if not self.settled:
            self.settled = not fell
            self.levels = [(step, level)]
            return
        self.levels.append((step, level))
        soon, later = self._highest(step, SOON), self._highest(step, LATER)
        self.levels = [known for known in self.levels if known[0] >= step - LATER]
        if self.fault.open is None:
            self.before = later
        if fell and (self.fault.open or soon - level >= HALVINGS or later - level >= MANY or self._spent(level)):
            self.fault.report(self._finding(step, level, soon - level))

    def _highest(self, step: int, within: int) -> float:
        return max(level for until, level in self.levels if until >= step - within)

    def _spent(self, level: float) -> bool:
        return 2**level <= ROOM and self.before > level + 1

    def _finding(self, step: int, level: float, soon: float) -> Finding:
        out, fallen = self._spent(level), self.before - level
        severity = Severity.ACT if soon >= MANY or out else Severity.WATCH
        text = f"The loss scale fell from {_number(2**self.before)} to {_number(2**level)} by step {step:,}"
        text += ", and there is nothing left to halve." if out else f": {fallen:.0f} halvings, each an overflow."
        evidence = {"scale": 2**level, "before": 2**self.before, "halvings": fallen}
        return Finding("loss_scale", "", step, step, step, severity, text, ADVICE, evidence, 0.9 if out else 0.8)


def _number(scale: float) -> str:
    return f"{scale:,.0f}" if scale >= 1 else f"{scale:.3g}"


detector = Detector(
    "loss_scale",
    "The loss scale is halved several times within a hundred steps.",
    ("loss_scale",),
    Watch,
    mechanism=True,
    needs=2,
)
