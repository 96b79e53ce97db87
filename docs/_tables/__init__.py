"""The tables that are generated: `render()` of one file here stands where a page has `{{ its_name }}`."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from types import ModuleType

from docs._docstrings import markdown


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; line breaks and bars in a cell do not break it.

    >>> print(table(["a", "b"], [["1", "x|y"]]))
    | a | b |
    |---|---|
    | 1 | x\\|y |
    """
    lines = [head, ["---"] * len(head), *([" ".join(cell.split()).replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(row)} |" if row[0] != "---" else f"|{'|'.join(row)}|" for row in lines)


def words(name: str) -> str:
    """An identifier as a heading.

    >>> words("loss_spike")
    'Loss spike'
    """
    return name.replace("_", " ").capitalize()


def doc(thing: object) -> str:
    """A docstring as Markdown; "" where there is none."""
    return markdown(inspect.getdoc(thing) or "")


def first_paragraph(thing: object) -> str:
    """The first paragraph of a docstring as one line."""
    return " ".join(doc(thing).split("\n\n")[0].split())


def module_of(thing: object) -> ModuleType:
    """The module in which a function or class is defined."""
    found = inspect.getmodule(thing)
    if found is None:
        raise LookupError(f"no module of {thing!r}")
    return found
