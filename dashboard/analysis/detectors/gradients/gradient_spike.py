"""The gradient is suddenly far larger than it was."""

from __future__ import annotations

import numpy as np

from .....db.records import Finding
from .._support.baseline import RunningBaseline, confidence
from .._support.outlier_groups import OutlierGroup, OutlierGroups
from ..detector import EMPTY, Detector, Facts, News, Points
from ..severity import Severity

SPREADS = 6.0  # robust sd of the log norm above its median ...
TIMES = 3.0  # ... and this many times the median
HUGE = 50.0  # times the median: a spike however restless the norm was
LARGE, MANY, GAP = 20.0, 3, 50  # smaller ones are the tail of small batches, unless so many are within so few points
WARM = 100  # steps at the start in which only a huge one counts
NORMS = "grad_norm", "grad_norm_applied"  # the first that the run has
ADVICE = (
    "Look at the batches of these steps; lower the clipping threshold, or skip steps with such a gradient; if it comes"
    " back, lower the learning rate or lengthen the warm-up."
)


class Watch:
    """Holds each gradient norm against the median of the 128 before it, on a log scale.

    Why: the gradient leaves its band before, or at the very step at which, a loss spike begins; many such steps in a
    row are the usual way into divergence. score = (log g - median) / spread, the spread robust (`RunningBaseline`). A
    spike has a score of at least 6 and 3 times the median of the norm, or 50 times that median. It is reported where it
    has 20 times the median or others are near: batches of real text have single odd ones. Source: the gradient of the
    embedding led the loss spikes of GLM-130B by 1 to 3 steps (Zeng et al. 2022); the global norm is what all runs have.
    """

    def __init__(self, facts: Facts) -> None:
        self._baseline = RunningBaseline(floor=0.0)
        self._runs = OutlierGroups(gap=GAP, least=MANY)
        self._warm: int | None = None
        self._signal = ""

    def see(self, news: News) -> list[Finding]:
        steps, norms = self._points(news)
        keep = np.isfinite(norms) & (norms > 0)  # what is not finite has a detector of its own
        steps, norms = steps[keep], norms[keep]
        logs = np.log(norms)
        level, spread = self._baseline.feed(logs)
        above = logs - level
        score = above / np.maximum(spread, 0.01)
        if self._warm is None and len(steps):
            self._warm = int(steps[0]) + WARM
        flags = (score >= SPREADS) & (above >= np.log(TIMES)) & (steps >= (self._warm or 0))
        flags |= above >= np.log(HUGE)
        usual = np.exp(level)
        return [
            finding(one)
            for one in self._runs.feed(steps, flags, score, above >= np.log(LARGE), norm=norms, usual=usual)
        ]

    def _points(self, news: News) -> Points:
        if not self._signal:
            self._signal = next((name for name in NORMS if len(news.of(name)[0])), "")
        return news.of(self._signal) if self._signal else EMPTY


def finding(one: OutlierGroup) -> Finding:
    """A stretch in words."""
    norm, usual = one.at_peak["norm"], one.at_peak["usual"]
    steps = f"step {one.first:,}" if one.first == one.last else f"steps {one.first:,} to {one.last:,}"
    times = "" if one.count == 1 else f" ({one.count} spikes)"
    return Finding(
        kind="gradient_spike",
        part="",
        first=one.first,
        last=one.last,
        flagged=one.flagged,
        severity=Severity.WATCH,
        sentence=f"Gradient norm up to {norm:.3g} at {steps}, {norm / usual:.3g} times its usual {usual:.3g}{times}.",
        advice=ADVICE,
        evidence={"norm": norm, "usual": usual, "score": one.peak, "spikes": one.count, "peak_step": one.peak_step},
        confidence=confidence(one.peak, SPREADS),
        open=one.open,
    )


detector = Detector(
    "gradient_spike", "The gradient norm jumps far above what was usual.", NORMS, Watch, mechanism=True, needs=11
)
