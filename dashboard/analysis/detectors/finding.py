"""What a detector says: one thing that is wrong, or looks wrong and is explained, with its evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum


class Severity(IntEnum):
    """How much it matters; as text `severity.name.lower()`."""

    NOTE = 0  # worth knowing, or alarming only in looks: nothing to do
    WATCH = 1  # may become a fault: look again
    ACT = 2  # the run is being spoiled, or will be before its planned end: do something now


@dataclass(frozen=True)
class Finding:
    """One thing found in a run. Said again with the same `key` as it goes on: the newest saying counts.

    `part` is where ("" for the run as a whole, a tensor's name, "layer/head"). `first` to `last` are the steps at which
    it held, `flagged` the step whose data first sufficed to say so: nothing behind that step was used to decide it.
    `evidence` holds the numbers in the sentence by name; `confidence` is between 0 and 1; `advice` says what to try.
    """

    kind: str
    part: str
    first: int
    last: int
    flagged: int
    severity: Severity
    sentence: str
    advice: str = ""
    evidence: dict[str, float] = field(default_factory=dict)
    confidence: float = 1.0
    open: bool = True

    @property
    def key(self) -> tuple[str, str, int]:
        """What identifies the finding in its run."""
        return self.kind, self.part, self.first
