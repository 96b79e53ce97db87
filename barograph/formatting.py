"""How numbers, durations and names are spelled on every page."""

from __future__ import annotations

import math
import re
from datetime import datetime

PAD = "\u2007"  # a blank as wide as a digit


def number(value: float | None, digits: int = 4) -> str:
    """A value in at most `digits` significant figures; NaN and infinities by name.

    >>> number(3.14159), number(0.000012345), number(None), number(float("nan"))
    ('3.142', '1.234e-05', '–', 'NaN')
    """
    if value is None:
        return "–"
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return f"{value:.{digits}g}" if abs(value) < 10**digits else count(value)


def count(value: float | None) -> str:
    """A large count, short.

    >>> count(950), count(12_345), count(2_500_000), count(7e9), count(3.2e12)
    ('950', '12.3k', '2.5M', '7B', '3.2T')
    """
    if value is None or not math.isfinite(value):
        return number(value) if value is not None else "–"
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            return f"{value / (1e3 if letter == 'k' else size):.3g}{letter}"
    return f"{value:,.0f}"


def duration(seconds: float | None) -> str:
    """A stretch of time in its two largest units.

    >>> duration(42), duration(200), duration(7_500), duration(200_000), duration(None)
    ('42 s', '3 min 20 s', '2 h 5 min', '2 d 7 h', '–')
    """
    if seconds is None or not math.isfinite(seconds):
        return "–"
    seconds = max(0, int(seconds))
    for size, unit, below, small in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= size:
            rest = seconds % size // below
            return f"{seconds // size} {unit} {rest} {small}" if rest else f"{seconds // size} {unit}"
    return f"{seconds} s"


def clock(seconds: float) -> str:
    """A stretch of time as h:mm, the hours padded so that texts sort as times do.

    >>> clock(754).lstrip(PAD), clock(130_000).lstrip(PAD)
    ('0:12', '36:06')
    """
    return f"{int(seconds) // 3600}:{int(seconds) // 60 % 60:02}".rjust(7, PAD)


def moment(seconds: float) -> str:
    """A time of day in the server's zone, with the date."""
    return datetime.fromtimestamp(seconds).strftime("%Y-%m-%d %H:%M") if seconds else "–"


def plain(text: str, limit: int = 80) -> str:
    """A name that came from outside, on one line and safe inside Markdown.

    >>> plain("a*b_<script>")
    'a\\\\*b\\\\_\\\\<script\\\\>'
    """
    return re.sub(r"([\\`*_{}\[\]()#+\-.!$:~<>|&^=\"'/@])", r"\\\1", short(text, limit))


def short(text: str, limit: int = 80) -> str:
    """The text on one line, cut to `limit` characters; a nameless thing is called so."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split()) or "(no name)"
    return line if len(line) <= limit else line[: limit - 1] + "…"
