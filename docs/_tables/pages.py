"""The dashboard's pages, in their order."""

from __future__ import annotations

import ast
from pathlib import Path

from barograph.dashboard import web
from docs._tables import table

FOLDER = Path(web.__file__).parent / "pages"


def render() -> str:
    files = sorted(FOLDER.glob("[0-9]*.py"))
    rows = ([f"**{path.stem.split('_', 1)[1].replace('_', ' ')}**", _says(path)] for path in files)
    return table(["page", "what it shows"], rows)


def _says(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text())) or "").split("\n\n")[0]
