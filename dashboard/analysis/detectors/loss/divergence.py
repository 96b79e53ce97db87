"""The loss has left its lowest level and does not come back: it diverges."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .....db.records import Finding
from .._support.baseline import RunningBaseline, finite
from .._support.expected_rises import SIGNALS, ExpectedRises
from .._support.fault import Fault
from .._support.next_report import FIRST as FORETOLD
from .._support.next_report import NextReport
from ..detector import Detector, Facts, News
from ..severity import Severity

SPREADS = 4.0  # above the lowest level so far ...
WATCH, ACT = 0.05, 0.1  # ... and this part of the way back to the loss of the start
WIDTH = 64  # losses that make a level
LASTING = 1.5  # spreads: enough for a median of 64, where a single loss needs 4
POINTS, MOST, FEW = 20, 16, 4  # 16 of the last 20 points up there: it has left; 4 or fewer: it is back
FIRST = 5  # losses at the start
BLOCK = 65536  # points looked at together
LOST, LOST_SPREADS, HALF_WAY = 10, 8.0, 0.5  # sooner: so many points in a row half of the way back ...
LOST_EARLY, SHARE = 4, 5  # ... while the log is short, a fifth of its points, four at least
GAINED = 2.0  # ... or all of it, where something had been gained
ADVICE = (
    "Stop it and go back to a checkpoint before it began; then lower the learning rate, lengthen the warm-up, clip"
    " gradients, or leave out the batches around its beginning. If the loss is meant to rise, set unlearning=True in"
    " the run's configuration; if other data began there, record it with run.event('data', what)."
)


class Watch:
    """Tells when the loss stays above its lowest level, by more than its noise and a part of all it had gained.

    Why: each step after it is spent compute. low = running minimum of the median of 64 losses, spread = the robust sd
    by then, fall = median of the first 5 losses - low. Watch: 16 of the last 20 losses are above low + max(.05 fall,
    4 spread), or their median of 64 above low + max(.05 fall, 1.5 spread); act: the same with .1 fall; or, sooner, 10
    losses in a row above low + max(.5 fall, 8 spread), or above the loss of the start, once 2 spreads below that. Of
    the first 64 losses a fifth in a row suffices, four at least, with low and spread from few (`NextReport`).
    While something explains a rise it only speaks of a loss above that of the start; what comes after is held against
    a lowest level of its own. Source: the rule by which a run counts as diverged (the median of its end above its
    minimum by 10 % of its fall), made causal.
    """

    def __init__(self, facts: Facts) -> None:
        self._expected, self._fault = ExpectedRises(), Fault()
        self._first = np.empty(0)  # the first losses of all
        self._explained = False
        self._past = np.zeros((4, POINTS))  # steps and what was above what, of the last points
        self._row = 0  # points in a row that are lost, up to the newest
        self._renew()

    def _renew(self) -> None:
        self._baseline = RunningBaseline(width=WIDTH, every=16, floor=5e-3)
        self._few = NextReport(most=WIDTH)
        self._seen = 0  # points by these
        self._low, self._low_of_few = LowestLevel(), LowestLevel()

    def see(self, news: News) -> list[Finding]:
        self._expected.see(news)
        steps, losses = finite(news.of("loss"))
        if not len(steps):
            return []
        unknown = FIRST - len(self._first)  # points until the start is known
        self._first = np.append(self._first, losses)[:FIRST]
        self._start = float(np.median(self._first))
        explained, causes = self._expected.explains(steps)
        changes = np.flatnonzero(np.diff(explained)) + 1
        borders = sorted({*range(0, len(steps), BLOCK), *changes.tolist(), len(steps)})
        for lo, hi in zip(borders, borders[1:], strict=False):
            if explained[lo]:
                above = self._beyond(losses[lo:hi], causes[lo:hi])
                low, lasting = np.full(hi - lo, self._low.level), np.full(hi - lo, -1)
                enough = np.full(hi - lo, LOST)
            else:
                if self._explained:
                    self._renew()
                enough = np.clip((self._seen + np.arange(hi - lo)) // SHARE, LOST_EARLY, LOST)
                above, low, lasting = self._rises(losses[lo:hi])
            above[:, : max(unknown - 1 - lo, 0)] = False
            self._explained = bool(explained[lo])
            self._judge(steps[lo:hi], losses[lo:hi], above, low, lasting, enough)
        return self._fault.changes()

    def _beyond(self, losses: np.ndarray, causes: np.ndarray) -> np.ndarray:
        """The same as `_rises` where something explains a rise: only a loss above that of the start counts."""
        bounded = np.array([not cause.other_data for cause in causes])
        lost = bounded & (losses > self._start) & np.isfinite(self._low.level)
        return np.stack([np.zeros_like(lost), np.zeros_like(lost), lost])

    def _rises(self, losses: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Whether each loss is above the limits of watch, act and lost [3, n]; the lowest level by then [n]; and how
        grave the level itself is [n]: 1 watch, 2 act, 0 neither but not back yet, else -1."""
        level, spread = self._baseline.feed(losses)
        full = self._seen + np.arange(len(losses)) >= WIDTH
        self._seen += len(losses)
        low, spread = self._low.feed(level, spread)
        fall = np.maximum(self._start - low, 0)
        rise = losses - low
        higher = [rise > np.maximum(share * fall, SPREADS * spread) for share in (WATCH, ACT)]
        limits = [np.maximum(share * fall, LASTING * spread) for share in (WATCH, ACT)]
        lasting = np.where(level - low > limits[0] / 2, 0, -1)  # it is back once half of that is made good
        for severity, limit in enumerate(limits, start=1):
            lasting[full & (level - low > limit)] = severity
        near, error = self._few.feed(losses)
        low_of_few, error = self._low_of_few.feed(near, error)
        lost = self._lost(losses, low, spread) | np.isfinite(near) & self._lost(losses, low_of_few, error)
        return np.stack([*higher, lost]), np.where(np.isfinite(near), np.fmin(low, low_of_few), low), lasting

    def _lost(self, losses: np.ndarray, low: np.ndarray, spread: np.ndarray) -> np.ndarray:
        """Whether each loss [n] is half of the way back from the lowest level, or all of it."""
        fall = np.maximum(self._start - low, 0)
        half = losses - low > np.maximum(HALF_WAY * fall, LOST_SPREADS * spread)
        whole = (losses > self._start) & (fall > GAINED * spread)
        either: np.ndarray = half | whole
        return either

    def _judge(
        self, steps: np.ndarray, losses: np.ndarray, above: np.ndarray, lows: np.ndarray, lasting: np.ndarray,
        enough: np.ndarray,
    ) -> None:  # fmt: skip
        """Opens, goes on and closes at the points where the counts over the last points pass their limits."""
        count = np.arange(1, len(steps) + 1)
        row = count - np.maximum.accumulate(np.where(above[2], -self._row, count))
        self._row = int(row[-1])
        if self._fault.open is None and not (above.any() or (lasting > 0).any()) and len(steps) >= POINTS:
            self._past = np.concatenate([steps[None, -POINTS:], above[:, -POINTS:]])
            return
        line = np.concatenate([self._past, np.concatenate([steps[None], above])], axis=1)
        self._past = line[:, -POINTS:].copy()
        total = np.concatenate([np.zeros((2, 1)), np.cumsum(line[1:3], axis=1)], axis=1)
        watch, act = total[:, POINTS + 1 :] - total[:, 1 : len(steps) + 1]
        state = np.where((act >= MOST) | (row >= enough), 2, np.where(watch >= MOST, 1, np.where(watch > FEW, 0, -1)))
        state = np.maximum(state, lasting)
        if self._fault.open is None and state.max() <= 0:
            return
        for i, end in pairwise([*np.flatnonzero(np.diff(state, prepend=-2)).tolist(), len(steps)]):
            if state[i] > (self._fault.severity or 0):
                began = line[:, i + 1 : i + POINTS + 1]
                first = int(began[0, np.argmax(began[1:].any(axis=0))])
                self._fault.report(self._finding(Severity(int(state[i])), first, int(steps[i]), losses[i], lows[i]))
            elif state[i] < 0:
                self._fault.close()
            if state[i] > 0 and self._fault.open is not None:
                known = self._fault.open.evidence
                highest = max(float(losses[i:end].max()), known["loss"])
                sentence, evidence = self._words(self._fault.open.first, highest, known["low"])
                self._fault.extend(int(steps[end - 1]), sentence=sentence, evidence=evidence)

    def _words(self, first: int, loss: float, low: float) -> tuple[str, dict[str, float]]:
        """The sentence, and its numbers; `loss` is the highest while it lasts."""
        share = ""
        if loss > self._start:
            share = f", above the {self._start:.4g} it started from"
        elif self._start > low:
            share = f", {(loss - low) / (self._start - low):.0%} of the way back to the loss it started from"
        sentence = f"Loss has stayed up since step {first:,}: up to {loss:.4g} against {low:.4g} at its lowest{share}."
        return sentence, {"loss": float(loss), "low": float(low), "start": float(self._start)}

    def _finding(self, severity: Severity, first: int, step: int, loss: float, low: float) -> Finding:
        sentence, evidence = self._words(first, loss, low)
        return Finding(
            kind="divergence",
            part="",
            first=first,
            last=step,
            flagged=step,
            severity=severity,
            sentence=sentence,
            advice=ADVICE,
            evidence=evidence,
            confidence=0.9 if severity is Severity.ACT else 0.6,
        )


class LowestLevel:
    """The lowest of a series of levels so far, and the spread that stood beside it."""

    def __init__(self) -> None:
        self.level, self.spread = np.inf, np.nan

    def feed(self, level: np.ndarray, spread: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The lowest level by each of these [n], and its spread [n]."""
        low = np.fmin.accumulate(np.append(self.level, level))[1:]
        at = np.maximum.accumulate(np.where(level <= low, np.arange(len(level)), -1))
        spread = np.where(at < 0, self.spread, spread[at])
        self.level, self.spread = low[-1], spread[-1]
        return low, spread


detector = Detector(
    "divergence",
    "The loss stays above its lowest level.",
    ("loss", *SIGNALS),
    Watch,
    needs=FORETOLD + LOST_EARLY,
    essential=True,
)
