"""Every measure of tasks."""

from __future__ import annotations

from barograph.dashboard.analysis.measures import discover
from docs._tables import doc, module_of

BETTER = {"higher": "Higher is better.", "lower": "Lower is better.", "neither": ""}


def render() -> str:
    parts: list[str] = []
    for measure in discover().values():
        lines = [f"## {measure.title} {{: #{measure.name} }}", f"`{measure.name}`", measure.sentence]
        lines += [BETTER[measure.better], doc(module_of(measure.compute)), doc(measure.compute)]
        parts += filter(None, lines)
    return "\n\n".join(parts)
