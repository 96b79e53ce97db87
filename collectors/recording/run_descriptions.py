"""Describes each series of a run once: what it is, its title, its unit, what to do where it is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...db.records import Description
from ..signal import Signal
from .logged_values import logged_value
from .writer import Writer


class RunDescriptions:
    """Of one run; a series is described when its first value is recorded, all signals a moment after the start."""

    def __init__(self, writer: Writer, signals: Mapping[str, Signal]):
        self.signals = signals
        self._writer = writer
        self._described: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._described

    def add(self, description: Description) -> None:
        """Writes it down, unless the series is described already."""
        if description.name not in self._described:
            self._described.add(description.name)
            self._writer.describe(description)

    def describe(self, name: str, parts: Any) -> None:
        """Of a signal or of a value that the training script logs; `parts` None: it has one part."""
        if name not in self._described:
            signal = self.signals.get(name.removesuffix("_local"))
            several = parts is not None
            self.add(of_signal(name, signal, several) if signal is not None else logged_value(name, several))

    def describe_signals(self, optimizers: int = 1) -> None:
        """All signals, recorded or not: a page can then say what to turn on for those that are missing."""
        for name, signal in self.signals.items():
            self.describe(name, () if optimizers > 1 and not signal.of_run else None)


def of_signal(name: str, signal: Signal, several: bool) -> Description:
    """The description of `name`, which is the signal or its share on this rank; `several`: it has parts."""
    local = name.endswith("_local")
    return Description(
        name,
        signal.unit,
        signal.sentence + (" (of this rank's shard only)" if local else ""),
        signal.better,
        signal.axes or (("optimizer",) if several else ()),
        title=signal.title + (", this rank's shard" if local else ""),
        remedy=signal.remedy,
    )
