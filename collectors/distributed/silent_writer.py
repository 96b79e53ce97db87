"""The writer of a rank whose run rank 0 writes."""

from __future__ import annotations

from typing import Any

from ...db.records import Finding, Run


class SilentWriter:
    """Takes everything and keeps nothing."""

    def __init__(self, run: Run, from_step: int = 0):
        self.run, self.from_step = run, from_step
        self.network, self.dropped, self.stop_reason = False, 0, ""

    def nothing(self, *arguments: Any, **options: Any) -> None:
        """Takes anything."""

    points = late = columns = describe = event = evaluation = plan = update = tend = close = nothing

    def begin_attempt(self, from_step: int) -> int:
        self.from_step = from_step
        return 0

    def stop_requested(self) -> bool:
        return False

    def new_findings(self) -> list[Finding]:
        return []
