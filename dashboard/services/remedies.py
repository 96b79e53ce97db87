"""What a detector could not look at, and what to turn on so that it can."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ...db.records import Description
from ...known_series import known
from ..analysis.detectors import discover

NAMED = 3  # signals


def missing(recorded: Collection[str], described: Mapping[str, Description]) -> tuple[str, ...]:
    """A sentence for each detector without any of its own signals; `described` holds the run's own descriptions."""
    out = []
    for detector in discover().values():
        own = detector.own
        if own and not any(name in recorded for name in own):
            name, lacks = detector.name.replace("_", " ").capitalize(), " or ".join(own[:NAMED])
            remedy = described[own[0]].remedy if own[0] in described else known(own[0]).remedy
            out.append(f"{name}: not checked, this run did not record {lacks}; {remedy}.")
    return tuple(out)
