"""Every law of a loss curve."""

from __future__ import annotations

from barograph.dashboard.analysis.forecasting import Law, known_laws
from docs._tables import doc, module_of, table


def render() -> str:
    return "\n\n".join(map(_section, known_laws().values()))


def _section(law: Law) -> str:
    title = law.title[:1].upper() + law.title[1:]
    rows = ([f"`{name}`", f"{middle:g}", f"{spread:g}"] for name, (middle, spread) in law.typical.items())
    head = ["parameter", "typical value", "spread (standard deviation of its logarithm)"]
    parts = [f"## {title} {{: #{law.name} }}", f"`{law.name}`", doc(module_of(law.curve)), doc(law.curve)]
    return "\n\n".join([*filter(None, parts), table(head, rows)])
