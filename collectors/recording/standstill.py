"""Whether the watched optimizer still steps: logs between two of its steps are micro-batches, unless no step comes.

A step keeps the mean of its micro-batches. Where the weights are stepped by something that is no torch optimizer, or by
one that cannot be seen, no step ever comes and all losses would be one mean. So the logs since the last step are kept
until that is clear: four times as many as there ever were between two steps, and fifty at least; a thousand before the
first step; or the end of the run. Then each of them is a step of its own, and so is every later one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

FEWEST, TIMES, AT_FIRST = 50, 4, 1000


class Waiting(NamedTuple):
    """A log since the optimizer's last step: its values, its tokens, and the tokens of all logs up to it."""

    values: dict[Any, Any]
    tokens: Any
    total: Any


class Standstill:
    """Of one run; `steps()`: how often the optimizer has stepped, None where none is watched."""

    def __init__(self, steps: Callable[[], int | None]):
        self._steps = steps
        self._seen = 0
        self._most = 0  # logs between two steps so far
        self._logs: list[Waiting] = []
        self._still = False  # each log is a step of its own

    def hooked(self) -> bool:
        """Whether an optimizer's steps are the run's, as of now."""
        steps = self._steps()
        if steps is not None and steps != self._seen:
            self._most = max(self._most, len(self._logs))
            self._seen, self._still = steps, False
            self._logs.clear()
        return steps is not None and not self._still

    def add(self, log: Waiting) -> bool:
        """One more log since the last step; True when it is clear that no step comes."""
        self._logs.append(log)
        return len(self._logs) > (max(FEWEST, TIMES * self._most) if self._seen else AT_FIRST)

    def at_end(self) -> bool:
        """Whether a run that ends now ends with logs for which there was no step."""
        return self.hooked() and len(self._logs) > max(1, TIMES * self._most)

    def release(self) -> list[Waiting]:
        """The logs since the last step: they are steps, and so are all from here on until the optimizer steps again."""
        logs, self._logs, self._still = self._logs, [], True
        return logs
