"""What mkdocs runs: pages get their generated tables, and griffe a package that it can read.

A line `{{ NAME }}` of a page becomes what `render()` in `docs/_tables/NAME.py` returns, so that a new signal, detector,
command ... is in the documentation by being there.
"""

from __future__ import annotations

import importlib
import re
import shutil
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "build" / "packages"
ROOMS = ("barograph", "collectors", "dashboard", "db")
_MARK = re.compile(r"^\{\{ (\w+) \}\}$", re.MULTILINE)


def on_startup(**_: Any) -> None:
    """Links the sources of the rooms into one package: folders are made anew, since griffe follows no linked folder."""
    shutil.rmtree(PACKAGES, ignore_errors=True)
    for room in ROOMS:
        inside = PACKAGES if room == "barograph" else PACKAGES / "barograph"
        for source in (ROOT / room).rglob("*.py*"):
            if source.suffix in (".py", ".pyi"):
                link = inside / source.relative_to(ROOT)
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(source)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """A page's text with its generated tables."""
    return _MARK.sub(lambda found: table(found[1]), markdown)


def table(name: str) -> str:
    """One generated table, as Markdown."""
    text: str = importlib.import_module(f"docs._tables.{name}").render()
    return text
