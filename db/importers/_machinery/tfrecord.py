"""TensorFlow's record files: `length u64, its checksum, data, its checksum`, read by pieces of a few megabytes.

A checksum is a masked CRC-32C. After damage the next length whose checksum fits is the next record.
https://www.tensorflow.org/tutorials/load_data/tfrecord
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ...exchange.checksum import checksums_fit
from .lines import Meter, pieces

PIECE = 8 << 20
LONGEST = 4 << 20  # bytes of a record; a longer one is an image or a graph, and is passed over unread
_HEAD, _FOOT = 12, 4
_SEARCHED = 1 << 16  # bytes
_AT_ONCE = 4096  # records whose checksums are looked at together
_length = struct.Struct("<Q").unpack_from


class Records(NamedTuple):
    """Some records that lie in `data`: where each begins and its length, checksums unread; `data` begins at `first`.

    `damaged` are the places in the file where no record is.
    """

    data: bytes
    at: np.ndarray
    length: np.ndarray
    first: int
    damaged: list[int]


def read(path: Path, meter: Meter) -> Iterator[Records | None]:
    """The records of a file. One that is cut off at the end is damage, at its first byte."""
    rest, first, skip = b"", 0, 0
    for piece in pieces(path, PIECE, meter):
        if not piece:
            yield None
            continue
        first, rest, skip = first + min(skip, len(piece)), rest + piece[skip:], max(0, skip - len(piece))
        found, used = _records(rest, first)
        if len(found.at) or found.damaged:
            yield found
        if used > len(rest):
            skip = used - len(rest)
            first, rest = first + len(rest), b""
        else:
            first, rest = first + used, rest[used:]
    if rest or skip:
        yield Records(b"", np.empty(0, np.int64), np.empty(0, np.int64), first, [first])


def _records(data: bytes, first: int) -> tuple[Records, int]:
    """(whole records, bytes used); what a piece has of its last record is left for the next."""
    at: list[int] = []
    lengths: list[int] = []
    damaged: list[int] = []
    here, end = 0, len(data)
    while True:
        begun = len(at)
        here = _walk(data, here, at, lengths)
        sound = checksums_fit(data, np.array(at[begun:], np.int64) - _HEAD, 8)
        if sound.all() and len(sound) == _AT_ONCE:
            continue
        if not sound.all():
            wrong = begun + int(np.argmin(sound))
            here = at[wrong] - _HEAD
            del at[wrong:], lengths[wrong:]
        elif here + _HEAD > end:
            break
        elif checksums_fit(data, np.array([here]), 8)[0]:  # a record that goes on in the next piece
            length = _length(data, here)[0]
            if length > LONGEST:
                here += _HEAD + length + _FOOT
            break
        damaged.append(first + here)
        here = _next(data, here + 1)
    return Records(data, np.array(at, np.int64), np.array(lengths, np.int64), first, damaged), here


def _walk(data: bytes, here: int, at: list[int], lengths: list[int]) -> int:
    """Notes the next records from `here` on, their lengths taken on trust; returns where it came to."""
    last = len(data) - _HEAD - _FOOT
    for _ in range(_AT_ONCE):
        if here > last:
            break
        length = _length(data, here)[0]
        if here + length > last:
            break
        at.append(here + _HEAD)
        lengths.append(length)
        here += _HEAD + length + _FOOT
    return here


def _next(data: bytes, here: int) -> int:
    """Where the next record begins: the first place with a length below 4 GB, not 0, whose checksum fits."""
    for start in range(here, len(data) - _HEAD + 1, _SEARCHED):
        there = np.frombuffer(data[start : start + _SEARCHED + _HEAD - 1], np.uint8) != 0
        n = len(there) - _HEAD + 1
        low, high = (there[k : k + n] | there[k + 1 : k + n + 1] | there[k + 2 : k + n + 2] | there[k + 3 : k + n + 3]
                     for k in (0, 4))  # fmt: skip
        places = start + np.flatnonzero(low & ~high)
        fits = np.flatnonzero(checksums_fit(data, places, 8))
        if len(fits):
            return int(places[fits[0]])
    return max(here, len(data) - _HEAD + 1)
