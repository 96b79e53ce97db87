"""The pace of training: when steps ended and how many tokens had been seen by then."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

WINDOW = 10


@dataclass
class StepClock:
    """Times of the last steps. `tick` at every step; rates are means over the last WINDOW steps."""

    started: float
    now: float = 0.0
    step_time: float | None = None
    ticks: deque[tuple[float, int, Any]] = field(default_factory=lambda: deque(maxlen=WINDOW + 1))

    def tick(self, now: float, step: int, tokens: Any) -> None:
        """A step has ended at `now` (seconds); `tokens`: the sum so far, a number or a 0-d tensor."""
        self.step_time = now - self.now if self.ticks else None
        self.now = now
        self.ticks.append((now, step, tokens))

    def restart(self) -> None:
        """Training went back: rates are taken from here on."""
        self.ticks.clear()

    @property
    def step(self) -> int | None:
        """The last step seen; None: none yet."""
        return self.ticks[-1][1] if self.ticks else None

    @property
    def elapsed(self) -> float:
        """Seconds since the run started."""
        return self.now - self.started

    def steps_per_second(self) -> float | None:
        return (len(self.ticks) - 1) / self._seconds() if self._seconds() > 0 else None

    def tokens_per_second(self) -> float | Tensor | None:
        """None before two steps, and where no tokens were logged."""
        if self._seconds() <= 0 or self.ticks[-1][2] is None or self.ticks[0][2] is None:
            return None
        return (self.ticks[-1][2] - self.ticks[0][2]) / self._seconds()

    def _seconds(self) -> float:
        return self.ticks[-1][0] - self.ticks[0][0] if self.ticks else 0.0
