"""Nothing has been heard of a run that should be running, or it ended before its time."""

from __future__ import annotations

import numpy as np

from .....db.records import Finding
from .._support.fault import Fault
from ..detector import Detector, Facts, News
from ..severity import Severity

LEAST = 60.0  # seconds: shorter silences are evaluations and checkpoints
TIMES, LONGER = 30.0, 3.0  # usual steps, and the longest step so far
LONG = 10.0  # times all of that: act
AGES = 1e12  # seconds: no clock
ENDS = {"stopped": "stopped", "killed": "was killed", "lost": "was lost"}  # before the plan
KEPT = 64  # steps whose time is remembered
ADVICE = (
    "Look at the process: a data loader or a collective that waits for ever, a full disk, a lost device. A debugger "
    "such as py-spy shows where it stands."
)


class Watch:
    """The silence now against the usual and the longest time between two steps so far.

    Why: a process that hangs keeps its device, and its curves look fine. This detector alone looks at the clock.
    """

    def __init__(self, facts: Facts) -> None:
        self.planned = facts.planned
        self.fault = Fault()
        self.recent = np.empty(0)  # seconds of the newest steps
        self.longest = 0.0  # seconds between two points: evaluation and checkpoints are in it
        self.clock: tuple[int, float] | None = None
        self.until = -1  # the last step with any point

    def see(self, news: News) -> list[Finding]:
        last = max((int(s[-1]) for parts in news.points.values() for s, _ in parts.values() if len(s)), default=-1)
        if last > self.until:
            self.until = last
            self.fault.close()
        self._clock(news)
        if self.until >= 0 and news.state == "running":
            self._silence(news.idle)
        elif self.until >= 0 and news.state in ENDS and self.planned and self.until + 1 < self.planned:
            text = f"The run {ENDS[news.state]} at step {self.until:,} of {self.planned:,}."
            evidence = {"planned": float(self.planned), "share": (self.until + 1) / self.planned}
            self._say(Severity.NOTE, text, "", evidence, 1.0)
        return self.fault.changes()

    def _clock(self, news: News) -> None:
        steps, clock = news.of("time")
        keep = np.abs(clock) < AGES
        steps, clock = steps[keep], clock[keep]
        if len(steps):
            first = self.clock or (int(steps[0]), float(clock[0]))
            whole = np.diff(clock, prepend=first[1])
            seconds = whole / np.maximum(np.diff(steps, prepend=first[0]), 1)
            self.clock = int(steps[-1]), float(clock[-1])
        else:
            seconds = whole = news.of("step_time")[1]
        whole, seconds = (column[(column > 0) & (column < AGES)] for column in (whole, seconds))
        self.recent = np.concatenate([self.recent, seconds])[-KEPT:]
        self.longest = max(self.longest, float(whole.max(initial=0.0)))

    def _silence(self, idle: float) -> None:
        usual = float(np.median(self.recent)) if len(self.recent) else 0.0
        limit = max(LEAST, TIMES * usual, LONGER * self.longest)
        if idle < limit:
            return
        severity = Severity.ACT if idle >= LONG * limit else Severity.WATCH
        text = f"The run has written nothing for {_words(idle)} since step {self.until:,}"
        text += f"; a step takes {_words(usual)}." if usual else "."
        evidence = {"idle": idle} | ({"step_time": usual, "longest": self.longest} if usual else {})
        self._say(severity, text, ADVICE, evidence, 0.9 if severity is Severity.ACT else 0.6)

    def _say(self, severity: Severity, text: str, advice: str, evidence: dict[str, float], sure: float) -> None:
        at = self.until
        self.fault.report(Finding("stalled", "", at, at, at, severity, text, advice, evidence, sure))


def _words(seconds: float) -> str:
    """
    >>> _words(0.0123), _words(75), _words(7300)
    ('0.012 s', '75 s', '2.0 h')
    """
    if seconds < 180:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


detector = Detector(
    "stalled",
    "A running run has written nothing for long, or it stopped before its planned end.",
    ("step_time", "time"),
    Watch,
)
