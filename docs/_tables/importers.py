"""Every log format that can be imported."""

from __future__ import annotations

from barograph.db.importers import importers
from docs._tables import doc


def render() -> str:
    parts: list[str] = []
    for importer in sorted(importers(), key=lambda one: one.FORMAT.lower()):
        name = importer.__name__.rpartition(".")[2]
        parts += [
            f"## {importer.FORMAT[:1].upper()}{importer.FORMAT[1:]} {{: #{name} }}",
            doc(importer),
            f"*A file of this format:* {importer.EXPECTS}.",
        ]
    return "\n\n".join(parts)
