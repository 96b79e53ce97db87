"""Which of the steps that a loop names move its run on, which are late, and which show that training went back.

A value behind the run's step is usually late: an evaluation that took its time, a thread with a pace of its own. It is
recorded at its step, and the run goes on. Training went back where a series that leads the run falls behind itself, in
one thread: the loss leads, else what is logged most often at the run's foremost step.
"""

from __future__ import annotations

import enum
import re
import threading
from collections import Counter
from typing import Any

from .step_counter import StepCounter

_NEVER = -(2**62)
_HELD_OUT = re.compile(r"(val|valid|validation|dev|eval|evaluation|test)([/_.\- ].*)?", re.IGNORECASE)


class Placed(enum.Enum):
    """What a named step is to the run."""

    ON = "moves the run on"
    LATE = "late"
    BACK = "training went back"


class NamedSteps:
    """Judges each step that the loop names. `from_step`: where the attempt goes on, 0 for a new run."""

    def __init__(self, counter: StepCounter, from_step: int):
        self.front: int | None = None  # the foremost step that was named
        self._counter, self._from_step = counter, from_step
        self._leads: Counter[Any] = Counter()  # how often a name was logged at the front
        self._last: dict[tuple[Any, int], int] = {}  # (name, thread) -> the step that it has reached

    def place(self, step: int, names: tuple[Any, ...]) -> Placed:
        """What `step` is to the run when values of `names` are logged at it by this thread."""
        thread = threading.get_ident()
        if self.front is None:
            found = self._first(step, names)
        elif step >= self.front:
            found = Placed.ON
        else:
            back = any(self._leading(name) and step < self._reached(name, thread) for name in names)
            found = Placed.BACK if back else Placed.LATE
        if found is Placed.BACK:
            self._last.clear()
        if found is not Placed.LATE:
            self.front = step
            self._leads.update(names)
        for name in names:
            self._last[name, thread] = step
        return found

    def _first(self, step: int, names: tuple[Any, ...]) -> Placed:
        """Of the first named step: loops count from 0 or 1, so it may be one behind the steps that were counted."""
        counter = self._counter
        begun = bool(counter.completed)
        if step >= counter.done - begun or (not begun and self._from_step == 0):
            return Placed.ON
        trains = [name for name in names if not _HELD_OUT.fullmatch(str(name[0] if type(name) is tuple else name))]
        counted = any((last := counter.logged_at(name)) is not None and last >= counter.done - 1 for name in names)
        return Placed.BACK if counted or (trains and step < self._from_step) else Placed.LATE

    def _leading(self, name: Any) -> bool:
        leads = self._leads
        return name == "loss" if "loss" in leads else 2 * leads[name] >= max(leads.values())

    def _reached(self, name: Any, thread: int) -> int:
        """The step that a name has reached in this thread, or in those that have ended: training may go on in a new."""
        own = self._last.get((name, thread))
        if own is not None:
            return own
        alive = {one.ident for one in threading.enumerate()}
        others = {of: step for (of_name, of), step in self._last.items() if of_name == name}
        return _NEVER if alive & others.keys() else max(others.values(), default=_NEVER)
