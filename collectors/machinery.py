"""What works behind a live run: the record, the script's log, the tasks, the hooks; and the end of it all."""

from __future__ import annotations

import atexit
import contextlib
import sys
from typing import Any

from .due_signals import DueSignals
from .evaluation.task_log import TaskLog
from .hooks.run_hooks import RunHooks
from .quantities.module_drift import ModuleDrift
from .recording.guarded import guarded
from .recording.recorder import Recorder
from .recording.run_record import RunRecord
from .recording.training_log import TrainingLog
from .signals import discover

DONE = 0.98  # of the planned steps: the plan's end is reached


class Machinery:
    """Of one run, from `watch` until `finish`."""

    def __init__(self, recorder: Recorder, *, total_steps: int | None = None, preset: str = "standard"):
        signals = discover()
        self.record = RunRecord(recorder, signals)
        self.hooks = RunHooks(self.record, DueSignals(signals.values(), preset, recorder.writer.from_step))
        self.log = TrainingLog(self.record, lambda: self.hooks.steps)
        self.tasks = TaskLog(self.record, self._task_began)
        self._total = total_steps
        atexit.register(self._at_exit)

    @guarded
    def event(self, kind: str, text: str, step: int | None, data: dict[str, Any]) -> None:
        """Puts a note on the timeline; a change of the data is a boundary for evaluations."""
        if kind == "data":
            self.tasks.reach("boundary")
        self.record.event(kind, text, step=step, **data)

    @property
    def stop_requested(self) -> bool:
        return not self.record.over and self.record.writer.stop_requested()

    def finish(self, state: str | None = None) -> None:
        """Ends the run (see `LiveRun.finish`)."""
        record = self.record
        if record.closed:
            return
        self.log.end()
        if state != "stopped" and not self.stop_requested:
            self.tasks.reach("end")
        if state is None:
            state = "stopped" if self.stop_requested or self._early else "finished"
        if record.writer.stop_reason:
            record.event("stop", record.writer.stop_reason)
        with contextlib.suppress(Exception):
            if self.log.diverged:
                state = "diverged"
        self.hooks.close()
        record.over = True
        atexit.unregister(self._at_exit)
        record.recorder.end(state)

    @property
    def _early(self) -> bool:
        """Whether there are planned steps still to go, more than mixed precision skips or a count from 0 leaves out."""
        done = self.record.counter.done
        return self._total is not None and done + 1 < self._total and done < DONE * self._total

    def _task_began(self) -> None:
        for layout in self.hooks.layouts:
            layout.state(ModuleDrift).begin(layout)

    def _at_exit(self) -> None:
        """The interpreter ends and nobody has finished the run: after an exception it is stopped."""
        self.finish("stopped" if getattr(sys, "last_value", None) is not None else None)
