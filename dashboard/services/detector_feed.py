"""A run's rows as news for the detectors: each point once, cut at a step that every signal has reached."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping

import numpy as np

from ...db import Event, Run, Store
from ...db.reading.many import End
from ...keys import SeriesKey, part_of, signal_of
from ..analysis.detectors.detector import Happening, News, Points

BEFORE = -(2**62)  # any step
MOST = 2_000_000  # points in one piece of news: a long run is shown in pieces
SPARSE = 100  # steps: signals recorded less often (validation) are not waited for
SLACK = 64  # steps that a signal may be late before it counts as switched off
UNLEARNING = "unlearning", "unlearn"  # keys of a configuration that say so of a run
PATIENCE = 60.0  # seconds without a new row until what has come is shown, complete or not


class Feed:
    """The news of one run in order. Not for several threads.

    Signals reach the store at their own pace: the loss at once, what is computed on a device some steps later. So the
    news end at `until`, the last step that everything recorded regularly has reached, and of an ended run at its end.
    `behind` says that a point or an event came for a step already passed: only a new feed shows it.
    """

    def __init__(self, store: Store, run_id: str, signals: frozenset[str]):
        self.store, self.run_id, self.signals = store, run_id, signals
        self.line = tuple(store.lineage(run_id))
        self.until: int | None = None
        self.behind = False
        self.reports: dict[str, int] = {}  # how many points each signal has, of the part that has the most
        self._seen: dict[SeriesKey, int] = {}  # the last step shown of each series
        self._left: dict[SeriesKey, int] = {}  # its points that were not shown when it was at its end: abandoned ones
        self._shown: dict[SeriesKey, int] = {}  # how many points were
        self._events: set[tuple[int, str, str, float]] = set()  # those that were shown
        self._newest: tuple[float, dict[SeriesKey, int]] | None = None  # when a row came last, and the ends by then

    def attempt_of(self, step: int) -> int:
        """The attempt that a step of the surviving line belongs to."""
        return next((piece.attempt for piece in self.line if piece.low < step <= piece.high), self.line[-1].attempt)

    def next(self, run: Run) -> Iterator[News]:
        """What came since the last call, in one piece of news or more; at least one, be it empty."""
        ends = self.store.ends(self.run_id, self.signals)
        self.reports = {}
        for key, end in ends.items():
            self.reports[signal_of(key)] = max(end.n, self.reports.get(signal_of(key), 0))
        idle = self._idle(run, ends)
        until = common_step(ends, waiting=run.state == "running" and idle < PATIENCE)
        if until is None or (self.until is not None and until < self.until):
            until = self.until
        if until is None:
            yield News(-1, state=run.state, idle=idle)
            return
        events = sorted(self._timeline(run), key=lambda one: one.step)
        for cut in self._cuts(ends, until):
            after = {key: self._seen.get(key, BEFORE) for key in ends}
            after = {key: seen for key, seen in after.items() if seen < ends[key].last}
            found = self.store.newer(self.run_id, after, cut)
            points: dict[str, dict[tuple[str, ...], Points]] = {}
            for key, (steps, values) in found.items():
                self.behind |= self.until is not None and int(steps[0]) <= self.until
                keep = slice(None) if self.until is None else steps > self.until
                self._seen[key] = int(steps[-1])
                self._shown[key] = self._shown.get(key, 0) + len(steps)
                points.setdefault(signal_of(key), {})[part_of(key)] = steps[keep], values[keep]
            passed = self.until
            self.until = cut
            yield News(cut, points, self._new(events, passed, cut), run.state, idle)
        for key, end in ends.items():  # a point that fell between points already shown is only seen in their number
            if self._seen.get(key) == end.last:
                left = end.n - self._shown[key]
                self.behind |= self._left.setdefault(key, left) != left

    def _cuts(self, ends: dict[SeriesKey, End], until: int) -> list[int]:
        """The steps at which to cut, so that no piece has many more than MOST points; the last is `until`."""
        seen = self._seen
        new = sum((end.last - seen[key]) / end.gap if key in seen else end.n for key, end in ends.items())
        low = min((end.last - end.gap * (end.n - 1) for end in ends.values() if end.n > 1), default=until)
        low = low if self.until is None else self.until
        pieces = max(1, math.ceil(new / MOST))
        return sorted({int(cut) for cut in np.linspace(low, until, pieces + 1)[1:-1]} | {until})

    def _timeline(self, run: Run) -> list[Event]:
        """The run's timeline on the surviving line; where it went on from another attempt, it was restarted; and what
        its configuration says."""
        pieces = {piece.attempt: piece for piece in self.line}
        found = [
            event
            for event in self.store.events(self.run_id)
            if event.attempt in pieces and pieces[event.attempt].low <= event.step <= pieces[event.attempt].high
        ]
        known = {(event.step, event.kind) for event in found}
        began = [Event(p.low, "restart", f"attempt {p.attempt} begins") for p in self.line[1:]]
        if any(run.config.get(key) is True for key in UNLEARNING):
            began.append(Event(0, "unlearning", "its configuration says so"))
        return found + [event for event in began if (event.step, "restart") not in known]

    def _new(self, events: list[Event], passed: int | None, cut: int) -> tuple[Happening, ...]:
        out = []
        for event in events:
            which = event.step, event.kind, event.text, event.time
            if event.step <= cut and which not in self._events:
                self._events.add(which)
                if passed is not None and event.step <= passed:
                    self.behind = True
                else:
                    boundary = str(event.data.get("boundary", ""))
                    out.append(Happening(event.step, event.kind, event.text, boundary))
        return tuple(out)

    def _idle(self, run: Run, ends: dict[SeriesKey, End]) -> float:
        """Seconds since the newest row of a running run; the writer's heartbeat goes on where training hangs."""
        if run.state != "running":
            return 0.0
        last = {key: end.last for key, end in ends.items()}
        if self._newest is None:  # the first look: by the run's own clock, where it recorded one
            clock = self.store.latest(self.run_id).get("time")
            came = run.started + clock[1] if clock and math.isfinite(clock[1]) else run.last_seen
            self._newest = came, last
        elif self._newest[1] != last:
            self._newest = time.time(), last
        return max(0.0, time.time() - self._newest[0])


def common_step(ends: Mapping[SeriesKey, End], waiting: bool) -> int | None:
    """The last step that is complete: no regular series, still alive, has a point to come at or before it.

    A series with a point every g steps and the last at l is complete up to l + g - 1. None without any points.
    """
    if not ends:
        return None
    newest = max(end.last for end in ends.values())
    if not waiting:
        return newest
    full = [
        end.last + round(end.gap) - 1
        for end in ends.values()
        if end.gap <= SPARSE and abs(end.gap - round(end.gap)) < 0.05 * end.gap
    ]
    alive = [step for step in full if newest - step < SLACK]
    return min([newest, *alive])
