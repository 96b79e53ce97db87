"""What a detector could not look at, and what to turn on so that it can."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ...db.records import Description
from ...known_series import known
from ..analysis.detectors import discover

CONTEXT = {"lr", "tokens", "time", "step_time", "clip_coefficient"}  # what explains other signals


def missing(recorded: Collection[str], described: Mapping[str, Description]) -> tuple[str, ...]:
    """A sentence for each detector that none of its own signals was recorded for; `described`: what the run says."""
    out = []
    for detector in discover().values():
        own = [name for name in detector.signals if name not in CONTEXT] or list(detector.signals)
        if own and not any(name in recorded for name in own):
            lacks = f"this run did not record {' or '.join(own[:3])}"
            remedy = described[own[0]].remedy if own[0] in described else known(own[0]).remedy
            out.append(f"{detector.name.replace('_', ' ').capitalize()}: not watched, {lacks}; {remedy}.")
    return tuple(out)
