"""Docstrings as Markdown: doctests and formulas become code, paragraphs of `name: meaning` become lists."""

from __future__ import annotations

import re
from typing import Any

import griffe

_MEANING = re.compile(r"^[a-z_]\w*(, [a-z_]\w*)*: ")


class Markdown(griffe.Extension):
    """Lets mkdocstrings show docstrings as `markdown` writes them."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring is not None:
            obj.docstring.value = markdown(obj.docstring.value)


def markdown(docstring: str) -> str:
    """A docstring, its indentation removed, as Markdown.

    >>> print(markdown("A <b> c.\\n\\nx, y: two things,\\n    both needed.\\nz: one."))
    A &lt;b> c.
    <BLANKLINE>
    - **x, y**: two things, both needed.
    - **z**: one.
    """
    return "\n\n".join(_block(block) for block in docstring.split("\n\n"))


def _block(text: str) -> str:
    if text.startswith(">>>"):
        return f"```pycon\n{text}\n```"
    if text.startswith("    "):
        return text  # a formula or an example
    text = text.replace("<", "&lt;")
    if not _MEANING.match(text):
        return _apart(text)
    items: list[str] = []
    for line in text.splitlines():
        if found := _MEANING.match(line):
            items.append(f"- **{found[0][:-2]}**: {line[found.end() :]}")
        else:
            items[-1] += f" {line.strip()}"
    return "\n".join(items)


def _apart(text: str) -> str:
    """The same with indented lines at its end as a block of their own."""
    lines = text.splitlines()
    at = next((i for i, line in enumerate(lines) if line.startswith("    ")), len(lines))
    return "\n\n".join(filter(None, ["\n".join(lines[:at]), "\n".join(lines[at:]).replace("&lt;", "<")]))
