"""Every scaling law."""

from __future__ import annotations

from barograph.dashboard.analysis.scaling import ScalingLaw, known_laws
from docs._tables import doc, module_of


def render() -> str:
    return "\n\n".join(map(_section, known_laws().values()))


def _section(law: ScalingLaw) -> str:
    columns = ", ".join(f"`{name}`" for name in law.columns)
    parts = [f"## {law.title} {{: #{law.name} }}", f"`{law.name}`", doc(module_of(law.curve))]
    parts += [f"*Formula:* `{law.formula}`", f"*Columns of the table:* {columns}, and `loss`.", doc(law.curve)]
    if law.single_epoch:
        parts.append("Runs that repeated their data are left out.")
    return "\n\n".join(filter(None, parts))
