"""How much a finding matters."""

from __future__ import annotations

from enum import IntEnum


class Severity(IntEnum):
    """A finding's `severity`; as text `severity.name.lower()`."""

    NOTE = 0  # worth knowing, or alarming only in looks: nothing to do
    WATCH = 1  # may become a fault: look again
    ACT = 2  # the run is being spoiled, or will be before its planned end: do something now
