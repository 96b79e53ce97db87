"""What every part of a live run stands on: the way to the store, the count of steps, the clock, the timeline."""

from __future__ import annotations

import os
import time
from typing import Any

from ...db.records import Event
from ..measurement import Key, KeyedItem
from ..signal import Signal
from .recorder import Recorder
from .run_descriptions import RunDescriptions
from .step_clock import StepClock
from .step_counter import StepCounter


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
        at = self.counter.done if step is None else int(step)
        self.writer.event(Event(step=at, kind=kind, text=str(text), time=time.time(), data=data))

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
