"""Texts for tables that people open in a spreadsheet, where a cell that begins with `=` is run."""

from __future__ import annotations

_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n")


def defused(text: str) -> str:
    """The text as a spreadsheet shows it instead of running it; numbers and other texts stay as they are.

    >>> [defused(text) for text in ("=HYPERLINK(1)", "@sum", "-0.5", "-inf", "loss", "+1-cmd")]
    ["'=HYPERLINK(1)", "'@sum", '-0.5', '-inf', 'loss', "'+1-cmd"]

    Source: OWASP, CSV injection.
    """
    if not text.lstrip(" ").startswith(_BEGINNINGS):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text
