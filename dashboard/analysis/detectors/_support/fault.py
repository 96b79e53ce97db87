"""One fault from its beginning to its end: it opens, goes on, gets worse, closes; and the findings that report it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .....db.records import Finding
from ..severity import Severity


class Fault:
    """At most one open finding at a time; `changes` hands over what was reported since the last call.

    A fault that gets worse is a new finding: `flagged` is then the step that sufficed for the new severity, and the
    earlier one keeps its own. One that eases stays as severe as it was until it closes.
    """

    def __init__(self) -> None:
        self.open: Finding | None = None
        self._changed: dict[tuple[str, str, int], Finding] = {}

    def report(self, finding: Finding) -> None:
        """Open, or go on: an open finding of this severity or a higher one keeps its part, first and flagged step."""
        known = self.open
        if known is not None and finding.severity > known.severity:
            self.close(finding.flagged)
            known = None
        if known is not None:
            finding = replace(
                finding, part=known.part, first=known.first, flagged=known.flagged, severity=known.severity,
                last=max(finding.last, known.last),
            )  # fmt: skip
        self.open = self._changed[finding.key] = finding

    def extend(self, step: int, **renewed: Any) -> None:
        """It still holds at `step`; what was reported of it stays, but for the fields that are `renewed`."""
        if self.open is not None and step > self.open.last:
            self.open = self._changed[self.open.key] = replace(self.open, last=int(step), **renewed)

    def close(self, step: int | None = None) -> None:
        """It no longer holds; `step` was the last at which it did (None: as last reported)."""
        if self.open is not None:
            last = self.open.last if step is None else max(int(step), self.open.last)
            self._changed[self.open.key] = replace(self.open, open=False, last=last)
            self.open = None

    @property
    def severity(self) -> Severity | None:
        return Severity(self.open.severity) if self.open is not None else None

    def changes(self) -> list[Finding]:
        changed, self._changed = list(self._changed.values()), {}
        return changed
