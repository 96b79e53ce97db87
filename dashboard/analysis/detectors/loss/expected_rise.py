"""The loss rises because of what was done to the run: reported as a note, so that nobody takes it for a fault."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .....db.records import Finding
from .._support.baseline import HALF, finite
from .._support.expected_rises import SIGNALS, Cause, ExpectedRises
from ..detector import Detector, Facts, News
from ..severity import Severity

BEFORE = 128  # points that say what was usual
LEAST = 10
SPREADS, POINTS = 3.0, 5  # so many points above the usual by so much make a rise


@dataclass
class Rise:
    """The points that stand out while one cause is at work."""

    cause: Cause
    usual: float
    spread: float
    count: int = 0
    flagged: int = 0
    last: int = 0
    peak: float = -np.inf


class Watch:
    """Names the cause of a rise that would otherwise look like a fault.

    Why: a re-warm, a switch of data or a restart lifts the loss, and the reader should see that it is known. A rise is
    reported once 5 losses since the cause began are above the median of the 128 before it by 3 robust sd, and goes on
    for as long as the cause explains it (`Expected`). What the cause cannot explain is reported by other detectors.
    """

    def __init__(self, facts: Facts) -> None:
        self._expected = ExpectedRises()
        self._past = np.empty(0)  # losses before the newest cause
        self._rise: Rise | None = None

    def see(self, news: News) -> list[Finding]:
        self._expected.see(news)
        steps, losses = finite(news.of("loss"))
        _, causes = self._expected.explains(steps)
        begins = np.array([-1 if cause is None else cause.first for cause in causes]) if len(steps) else steps
        changed = []
        for lo, hi in _pieces(begins):
            if self._rise and self._rise.cause.first != begins[lo]:
                changed += _reported(self._rise, open=False)
                self._rise = None
            if begins[lo] >= 0:
                changed += self._take(causes[lo], steps[lo:hi], losses[lo:hi])
            self._past = np.concatenate([self._past, losses[lo:hi]])[-BEFORE:]
        return list({one.key: one for one in changed}.values())

    def _take(self, cause: Cause, steps: np.ndarray, losses: np.ndarray) -> list[Finding]:
        if self._rise is None:
            usual = np.median(self._past) if len(self._past) >= LEAST else np.nan
            self._rise = Rise(cause, usual, np.median(np.abs(self._past - usual)) / HALF if usual == usual else np.nan)
        rise = self._rise
        high = np.flatnonzero(losses > rise.usual + SPREADS * rise.spread)
        if not len(high):
            return []
        if rise.count < POINTS <= rise.count + len(high):
            rise.flagged = int(steps[high[POINTS - rise.count - 1]])
        rise.count += len(high)
        rise.last = int(steps[high[-1]])
        rise.peak = max(rise.peak, float(losses[high].max()))
        return _reported(rise, open=True)


def _reported(rise: Rise, open: bool) -> list[Finding]:
    if rise.count < POINTS:
        return []
    where = f"since step {rise.cause.first:,}" if open else f"from step {rise.cause.first:,} to {rise.last:,}"
    return [
        Finding(
            kind="expected_rise",
            part="",
            first=rise.cause.first,
            last=rise.last,
            flagged=rise.flagged,
            severity=Severity.NOTE,
            sentence=f"Loss up to {rise.peak:.4g} from {rise.usual:.4g} {where}: expected, as {rise.cause.why}.",
            advice="Nothing to do: compare it with a run that had the same change, or wait until it settles.",
            evidence={"loss": rise.peak, "usual": float(rise.usual), "rise": rise.peak - float(rise.usual)},
            confidence=0.9,
            open=open,
        )
    ]


def _pieces(labels: np.ndarray) -> list[tuple[int, int]]:
    """Ends of the stretches of equal labels."""
    cuts = np.flatnonzero(np.diff(labels)) + 1
    return list(zip([0, *cuts], [*cuts, len(labels)], strict=True)) if len(labels) else []


detector = Detector(
    "expected_rise",
    "The loss rises, and what was done to the run explains it.",
    ("loss", *SIGNALS),
    Watch,
    needs=LEAST + POINTS,
)
