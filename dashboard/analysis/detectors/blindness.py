"""Where a detector has too few reports to find anything, so that its silence says nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from . import discover


@dataclass(frozen=True)
class Blind:
    """A detector that has `seen` reports of its signals and `needs` more than that."""

    detector: str
    seen: int
    needs: int

    @property
    def sentence(self) -> str:
        """
        >>> Blind("plateau", 20, 1024).sentence
        'Plateau: not judged, 20 of the 1,024 reports that this needs.'
        """
        name = self.detector.replace("_", " ").capitalize()
        return f"{name}: not judged, {self.seen:,} of the {self.needs:,} reports that this needs."


def blind(reports: Mapping[str, int]) -> tuple[Blind, ...]:
    """The detectors with some reports of their own signals, but too few; `reports` counts those of each signal."""
    out = []
    for detector in discover().values():
        seen = max(reports.get(name, 0) for name in detector.own)
        if 0 < seen < detector.needs:
            out.append(Blind(detector.name, seen, detector.needs))
    return tuple(out)


def unjudged(reports: Mapping[str, int]) -> str:
    """Why nothing can be said of a run's loss, in a sentence; "" where a fault of it could have been found."""
    essential = [detector for detector in discover().values() if detector.essential]
    seen = max(reports.get(name, 0) for detector in essential for name in detector.own)
    needs = min(detector.needs for detector in essential)
    if seen >= needs:
        return ""
    return (
        f"Too few losses to judge: {seen} of the {needs} that this needs." if seen else "Not judged: no loss recorded."
    )
