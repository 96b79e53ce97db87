"""The loss jumps up; and whether it came back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .....db.records import Finding
from .._support.baseline import RunningBaseline, confidence, finite
from .._support.expected_rises import SIGNALS, ExpectedRises
from .._support.next_report import FIRST, NextReport
from ..detector import Detector, Facts, News
from ..severity import Severity

SPREADS = 8.0  # above the median of the points before
BACK = 3.0  # spreads: it has come back
FLOOR = 5e-3  # of the level: the spread of a noiseless curve
WIDTH = 128  # losses that say what was usual
FEW = 512  # losses: so many may hold a whole run, whose fall a window of 128 takes for noise
GAP = 50  # points without a spike that end it
ADVICE = (
    "If it comes back by itself, go on; if spikes come more often, lower the learning rate or the clipping threshold,"
    " and look at the batches of these steps. A loss that stays up is reported as divergence."
)


@dataclass
class Spike:
    """One or more jumps near each other; `usual` and `spread` before the first are what it has to come back to."""

    first: int
    usual: float
    spread: float
    last: int = 0
    peak: float = -np.inf
    peak_step: int = 0
    score: float = 0.0
    jumps: int = 0
    back: int | None = None  # the first step since the last jump at which it was back
    quiet: int = 0  # points since the last one that stood out
    open: bool = True


class Watch:
    """Holds each loss against the median of the 128 before it, the first ones also against the five before.

    Why: a spike that does not come back costs the run, and spikes that come more often announce it. score = (loss -
    median) / spread, the spread robust and at least .5 % of the median; a spike is a score of 8 or more that nothing
    explains. The first 512, which may be all that a log has, are also held against the five before each and the spread
    of such comparisons (`NextReport`), from the seventh on. It is back at the first loss within 3 of the spreads before
    it. Spikes within 50 points are one finding, since events are to be counted, not steps. No unit enters, so that the
    loss may have any scale.
    """

    def __init__(self, facts: Facts) -> None:
        self._expected = ExpectedRises()
        self._baseline, self._first = RunningBaseline(WIDTH, floor=FLOOR), NextReport(most=FEW)
        self._spike: Spike | None = None

    def see(self, news: News) -> list[Finding]:
        self._expected.see(news)
        steps, losses = finite(news.of("loss"))
        usual, spread, score = self._scores(losses)
        explained, _ = self._expected.explains(steps)
        hits = np.append(np.flatnonzero((score >= SPREADS) & ~explained), len(steps))
        changed: dict[int, Spike] = {}
        at = k = 0
        while True:
            hit = hits[k]
            if self._spike and self._rest(self._spike, steps[at:hit], losses[at:hit]):
                changed[self._spike.first] = self._spike
                if not self._spike.open:
                    self._spike = None
            if hit == len(steps):
                break
            self._spike = self._spike or Spike(int(steps[hit]), usual[hit], spread[hit])
            jump(self._spike, int(steps[hit]), losses[hit], score[hit])
            changed[self._spike.first] = self._spike
            at, k = hit + 1, k + 1
        return [finding(one) for one in changed.values()]

    def _scores(self, losses: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What was usual before each loss [n], the spread, and the score, by whichever test gives the higher one."""
        usual, spread = self._baseline.feed(losses)
        level, error = self._first.feed(losses)
        with np.errstate(divide="ignore", invalid="ignore"):
            score, early = (losses - usual) / spread, (losses - level) / error
        score[~(spread > 0)] = np.nan
        sharper = (error > 0) & ~(score >= early)
        return np.where(sharper, level, usual), np.where(sharper, error, spread), np.where(sharper, early, score)

    def _rest(self, spike: Spike, steps: np.ndarray, losses: np.ndarray) -> bool:
        """Takes in points that do not stand out; whether that changed anything to say."""
        left = GAP + 1 - spike.quiet
        spike.open = len(steps) < left
        spike.quiet += min(len(steps), left)
        calm = np.flatnonzero(losses[:left] <= spike.usual + BACK * spike.spread)
        if spike.back is None and len(calm):
            spike.back = int(steps[calm[0]])
            return True
        return not spike.open


def jump(spike: Spike, step: int, loss: float, score: float) -> None:
    """Takes in a point that stands out."""
    spike.jumps += spike.back is not None or not spike.jumps
    spike.last, spike.back, spike.quiet = step, None, 0
    if loss > spike.peak:
        spike.peak, spike.peak_step, spike.score = float(loss), step, float(score)


def finding(one: Spike) -> Finding:
    """A spike in words."""
    often = f" in {one.jumps} spikes" if one.jumps > 1 else ""
    rose = f"Loss up to {one.peak:.4g} at step {one.peak_step:,}{often}, usually {one.usual:.4g}"
    evidence = {
        "loss": one.peak,
        "usual": float(one.usual),
        "score": one.score,
        "spikes": float(one.jumps),
        "peak_step": float(one.peak_step),
    }
    if one.back is not None:
        rose += f"; back after {one.back - one.first:,} steps."
        evidence["recovered_after"] = float(one.back - one.first)
    else:
        rose += "; not back yet." if one.open else "; it stayed higher."
    return Finding(
        kind="loss_spike",
        part="",
        first=one.first,
        last=one.last,
        flagged=one.first,
        severity=Severity.WATCH,
        sentence=rose,
        advice=ADVICE,
        evidence=evidence,
        confidence=confidence(one.score, SPREADS),
        open=one.open,
    )


detector = Detector(
    "loss_spike", "The loss jumps far above what was usual.", ("loss", *SIGNALS), Watch, needs=FIRST + 1, essential=True
)
