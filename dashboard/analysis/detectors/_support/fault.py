"""One fault from its beginning to its end: it opens, goes on, gets worse, closes; and the findings that report it."""

from __future__ import annotations

from dataclasses import replace

from .....db.records import Finding
from ..severity import Severity


class Fault:
    """At most one open finding at a time; `news` hands over what was said since the last call.

    A fault that gets worse is a new finding: `flagged` is then the step that sufficed for the new severity, and the
    earlier one keeps its own. One that eases stays as severe as it was until it closes.
    """

    def __init__(self) -> None:
        self.open: Finding | None = None
        self._said: dict[tuple[str, str, int], Finding] = {}

    def say(self, finding: Finding) -> None:
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
        self.open = self._said[finding.key] = finding

    def go_on(self, step: int) -> None:
        """It still holds at `step`; what was said of it stays."""
        if self.open is not None and step > self.open.last:
            self.open = self._said[self.open.key] = replace(self.open, last=int(step))

    def close(self, step: int | None = None) -> None:
        """It no longer holds; `step` was the last at which it did (None: as last said)."""
        if self.open is not None:
            last = self.open.last if step is None else max(int(step), self.open.last)
            self._said[self.open.key] = replace(self.open, open=False, last=last)
            self.open = None

    @property
    def severity(self) -> Severity | None:
        return Severity(self.open.severity) if self.open is not None else None

    def news(self) -> list[Finding]:
        said, self._said = list(self._said.values()), {}
        return said
