"""Which signals are measured at a step, by preset and price."""

from __future__ import annotations

from collections.abc import Iterable

from .presets import cadences
from .signal import Price, Signal


class DueSignals:
    """The signals of one run; one that fails is switched off."""

    def __init__(self, signals: Iterable[Signal], preset: str, from_step: int):
        every = cadences(preset)
        self.forward_every = every[Price.LOOK]
        """Steps from one observed forward pass to the next; 0: none is observed."""
        self._first = from_step + 1
        self._active = [(signal, every[signal.price]) for signal in signals]
        self._cadences = sorted(set(every.values()) - {0})
        self._known: dict[tuple[bool, ...], list[tuple[Signal, bool]]] = {}

    def only_joined(self) -> None:
        """Another rank records the run: this one measures only what is joined across ranks."""
        self._active = [(signal, every) for signal, every in self._active if signal.across]

    def switch_off(self, signal: Signal) -> None:
        self._active = [(one, every) for one, every in self._active if one is not signal]
        self._known.clear()

    def forward_due(self, step: int) -> bool:
        """Whether the forward passes of this step are observed."""
        return step % self.forward_every == 0 or step == self._first

    def at(self, step: int, main: bool, forward_seen: bool) -> list[tuple[Signal, bool]]:
        """Those of a step of the main optimizer or another, each with whether it is wanted only where it is free."""
        first = step == self._first
        phase = main, first, forward_seen, *(step % n == 0 for n in self._cadences)
        if phase not in self._known:
            due = [
                (signal, forward_seen if signal.price is Price.LOOK else bool(n) and (first or step % n == 0))
                for signal, n in self._active
                if main or not signal.of_run
            ]
            self._known[phase] = [(signal, not now) for signal, now in due if now or signal.free]
        return self._known[phase]
