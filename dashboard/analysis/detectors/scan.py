"""All detectors on one run."""

from __future__ import annotations

from ....db.records import Finding
from . import discover
from .detector import Facts, News


class Scan:
    """Shows the news of one run to every detector and keeps what each reported last. Not for several threads."""

    def __init__(self, facts: Facts) -> None:
        self.findings: dict[tuple[str, str, int], Finding] = {}
        self.failed: dict[str, str] = {}  # detectors that raised, and what: they are off, the others go on
        self._watches = {name: detector.start(facts) for name, detector in discover().items()}

    def see(self, news: News) -> list[Finding]:
        """The findings that are new or have changed."""
        changed = []
        for name in list(self._watches):
            try:
                found = self._watches[name].see(news)
            except Exception as error:
                del self._watches[name]
                self.failed[name] = f"{type(error).__name__}: {error}"
                continue
            changed += [f for f in found if self.findings.get(f.key) != f]
            self.findings |= {f.key: f for f in found}
        return changed


def needed() -> frozenset[str]:
    """The signals that any detector can use."""
    return frozenset(signal for detector in discover().values() for signal in detector.signals)
