"""Reads a file by pieces of a few megabytes, so that a log of any size needs the same memory, and follows it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeVar

PIECE = 4 << 20
LONGEST = 16 << 20  # bytes in one line; beyond it nobody wrote a row
_COMPARED = 64  # bytes at the end of what was read, by which a file that was rewritten is recognised

Piece = TypeVar("Piece")
Meter = Callable[[int], None]  # given the bytes read since it was last called


class Follow:
    """A meter whose reader does not end with the file: it says None there, and goes on when it is asked again."""

    def __call__(self, size: int) -> None:
        pass


class Replaced(Exception):
    """A file that is followed has become shorter, or another file has taken its name."""


class Lines(NamedTuple):
    """Consecutive lines without their ends: the number of the first (from 1), and whether the last one had its end."""

    first: int
    lines: list[str]
    whole: bool


def read(path: Path, meter: Meter, keep_open: bool = True) -> Iterator[Lines | None]:
    """The lines of a UTF-8 file; bytes that are none become U+FFFD; of an endless line the middle is left out."""
    rest, first = b"", 1
    for piece in pieces(path, PIECE, meter) if keep_open else _reopened(path, meter):
        if not piece:
            yield None
            continue
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


def pieces(path: Path, size: int, meter: Meter) -> Iterator[bytes]:
    """The bytes of a file, `size` at a time; with a meter that follows, b"" wherever there are no more yet.

    What was added to a file before another took its name comes first; then, and where what was read of it has changed,
    Replaced.
    """
    follows, last = isinstance(meter, Follow), b""
    with open(path, "rb", buffering=0) as file:
        while True:
            if follows and last:
                file.seek(max(file.tell() - len(last), 0))
                if file.read(len(last)) != last:
                    raise Replaced
            piece = file.read(size)
            meter(len(piece))
            if not piece:
                if not follows:
                    return
                still_there(path, file)
            yield piece
            last = piece[-_COMPARED:] or last


def still_there(path: Path, file: BinaryIO) -> None:
    """Replaced unless the file that is open still goes by this name and is as long as what was read of it."""
    try:
        now, here = path.stat(), os.fstat(file.fileno())
    except FileNotFoundError as error:
        raise Replaced from error
    if (now.st_dev, now.st_ino) != (here.st_dev, here.st_ino) or now.st_size < file.tell():
        raise Replaced


def in_turn(readers: Sequence[Iterator[Piece | None]]) -> Iterator[Piece | None]:
    """What each reader gives until it has no more for now; then None, and all of them once more."""
    while readers:
        going = []
        for reader in readers:
            for found in reader:
                if found is None:
                    going.append(reader)
                    break
                yield found
        readers = going
        if going:
            yield None


def _reopened(path: Path, meter: Meter) -> Iterator[bytes]:
    """Small pieces of a file that is closed in between: a thousand of them can be read side by side."""
    at = 0
    while True:
        with open(path, "rb") as file:
            file.seek(at)
            piece = file.read(PIECE // 64)
        if not piece:
            return
        meter(len(piece))
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
