"""What every part of a live run stands on: the way to the store, the count of steps, the clock, the timeline."""

from __future__ import annotations

import os
import time
from typing import Any

from ...db.records import Event
from ..measurement import Key, KeyedItem
from ..signal import Signal
from .configuration import text as written
from .recorder import Recorder
from .run_descriptions import RunDescriptions
from .step_clock import StepClock
from .step_counter import StepCounter

FARTHEST = 1 << 62  # every step is nearer to 0


class RunRecord:
    """The record of one run, until `over`; in a forked process it takes nothing (`closed`)."""

    def __init__(self, recorder: Recorder, signals: dict[str, Signal]):
        self.recorder, self.writer = recorder, recorder.writer
        run, first = self.writer.run, self.writer.from_step
        self.counter = StepCounter(first, run.tokens_per_step * first if run.tokens_per_step else None)
        self.clock = StepClock(run.started)
        self.descriptions = RunDescriptions(self.writer, signals)
        self.over = False
        self.pid = os.getpid()
        self._clock_zero = time.time() - time.perf_counter()  # wall time that no clock correction turns back

    @property
    def closed(self) -> bool:
        """Whether nothing is taken (any more): the run is over, or this is a forked process."""
        return self.over or os.getpid() != self.pid

    def tick(self, step: int) -> None:
        """A step has ended now."""
        self.clock.tick(self._clock_zero + time.perf_counter(), step, self.counter.tokens)

    def event(self, kind: str, text: str = "", *, step: int | None = None, **data: Any) -> None:
        """Puts a dated note on the run's timeline."""
        at = self.step(step, self.counter.done)
        self.writer.event(Event(step=at, kind=kind, text=str(text), time=time.time(), data=data))

    def step(self, named: Any, otherwise: int) -> int:
        """A step that the script names; another one where it names none, or none that can be recorded: it is said."""
        if named is None:
            return otherwise
        try:
            step = int(named)
        except Exception:
            step = FARTHEST
        if abs(step) < FARTHEST:
            return step
        problem = ValueError(f"{written(named)[:80]}: expected a whole number below 2^62")
        self.failed("step= is no step, so values are recorded at the step under way", problem)
        return otherwise

    def failed(self, what: str, problem: BaseException) -> None:
        """One warning for each `what`, with its reason; training goes on."""
        self.recorder.failed(what, problem)

    def item(self, key: Key, value: Any) -> KeyedItem:
        """One value of a series, which is described if it is new."""
        base, parts = (key[0], key[1:]) if isinstance(key, tuple) else (key, None)
        self.descriptions.describe(base, parts)
        return key, None, value

    def put(self, key: Key, value: Any, step: int) -> None:
        """Records one value at a step."""
        self.recorder.add(step, [self.item(key, value)])

    def configure(self, values: dict[str, Any]) -> None:
        """Adds hyper-parameters to the run's configuration."""
        self.recorder.later(lambda: self.writer.update(config={**self.writer.run.config, **values}))
