"""Every detector: what it looks for, in which signals, and how it decides, from its own docstrings."""

from __future__ import annotations

from itertools import groupby

from barograph.collectors.signals import discover as signals
from barograph.dashboard.analysis.detectors import discover
from barograph.dashboard.analysis.detectors.detector import Detector
from docs._tables import doc, first_paragraph, module_of, words


def render() -> str:
    found = sorted(discover().values(), key=lambda one: (_group(one), one.name))
    parts: list[str] = []
    for group, members in groupby(found, _group):
        parts += [f"## {words(group)}", *map(_section, members)]
    return "\n\n".join(parts)


def _group(detector: Detector) -> str:
    return module_of(detector.start).__name__.split(".")[-2]


def _section(detector: Detector) -> str:
    module = module_of(detector.start)
    lines = [f"### {words(detector.name)} {{: #{detector.name} }}", f"**{detector.sentence}**", first_paragraph(module)]
    reads = ", ".join(map(_linked, detector.signals))
    needs = f" · *needs:* {detector.needs:,} reports" if detector.needs > 1 else ""
    lines.append(f"*Kind:* `{detector.name}` · *reads:* {reads}{needs}{_early(detector)}")
    if how := doc(detector.start):
        lines.append(f"*How it decides.* {how}")
    if advice := getattr(module, "ADVICE", ""):
        lines.append(f"*What to try.* {advice}")
    return "\n\n".join(lines)


def _linked(signal: str) -> str:
    """A signal that `watch` measures is described; others are what the loop logs."""
    return f"[`{signal}`](../reference/signals.md#{signal})" if signal in signals() else f"`{signal}`"


def _early(detector: Detector) -> str:
    return " · looks at a cause, so it can speak before the loss moves" if detector.mechanism else ""
