"""Reads a text file by pieces of a few megabytes, so that a log of any size needs the same memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

PIECE = 4 << 20
LONGEST = 64 << 20  # bytes in one line; beyond it nobody wrote a row

Meter = Callable[[int], None]  # told the bytes read since it was last called


class Lines(NamedTuple):
    """Consecutive lines without their ends: the number of the first (from 1), and whether the last one had its end."""

    first: int
    lines: list[str]
    whole: bool


def read(path: Path, meter: Meter, keep_open: bool = True) -> Iterator[Lines]:
    """The lines of a UTF-8 file; bytes that are none become U+FFFD; of an endless line the middle is left out."""
    rest, first = b"", 1
    for piece in _pieces(path) if keep_open else _reopened(path):
        meter(len(piece))
        cut = piece.rfind(b"\n") + 1
        if not cut:
            rest = rest + piece if len(rest) < LONGEST else rest
            continue
        lines = _text(rest + piece[:cut], first).split("\n")[:-1]
        rest = piece[cut:]
        yield Lines(first, lines, True)
        first += len(lines)
    if rest:
        yield Lines(first, [_text(rest, first)], False)


def _pieces(path: Path) -> Iterator[bytes]:
    with open(path, "rb") as file:
        while piece := file.read(PIECE):
            yield piece


def _reopened(path: Path) -> Iterator[bytes]:
    """Small pieces of a file that is closed in between: a thousand of them can be read side by side."""
    at = 0
    while True:
        with open(path, "rb") as file:
            file.seek(at)
            piece = file.read(PIECE // 64)
        if not piece:
            return
        at += len(piece)
        yield piece


def head(data: bytes) -> list[str]:
    """The lines at the beginning of a file, the last one possibly cut; [] for what does not begin as text."""
    if b"\0" in data.partition(b"\n")[0]:
        return []
    return _text(data, 1).split("\n")


def _text(data: bytes, first: int) -> str:
    text = data.decode("utf-8", "replace").replace("\r\n", "\n")
    return text.removeprefix("\ufeff") if first == 1 else text
