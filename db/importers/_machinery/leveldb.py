"""LevelDB's log format: blocks of 32 kB, in them pieces `checksum u32, length u16, kind u8, data`.

A record is one piece (FULL) or several (FIRST, MIDDLE ..., LAST). After damage the next block begins anew.
https://github.com/google/leveldb/blob/main/doc/log_format.md; the checksum here is wandb's, a plain CRC-32.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

from .lines import Follow, Meter, still_there

BLOCK = 1 << 15
_AT_ONCE = 128  # blocks
_LONGEST = 64 << 20  # bytes of a record
_PIECE = struct.Struct("<IHB")
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_SEED = [0, *(crc32(bytes([kind])) for kind in (_FULL, _FIRST, _MIDDLE, _LAST))]


def read(path: Path, header: int, meter: Meter) -> Iterator[tuple[int, bytes | None] | None]:
    """Yields (first byte, record) behind a header of that many bytes, and (byte, None) where none could be read."""
    parts: list[bytes] = []
    begun = size = seen = 0
    for first, block, filling in _blocks(path, meter):
        if not block:
            yield None
            continue
        for at, kind, data in _pieces(block, 0 if first else header):
            here = first + at
            if here < seen:
                continue
            if kind == -1 and filling:
                break
            seen = here + 1
            if kind in (_MIDDLE, _LAST) and parts:
                parts.append(data if size < _LONGEST else b"")
                size += len(data)
                if kind == _LAST:
                    yield begun, b"".join(parts)
                    parts = []
                continue
            if parts or kind not in (_FULL, _FIRST):
                yield (begun if parts else here), None
                parts = []
            if kind == _FULL:
                yield here, data
            elif kind == _FIRST:
                parts, begun, size = [data], here, len(data)
    if parts:
        yield begun, None


def _blocks(path: Path, meter: Meter) -> Iterator[tuple[int, bytes, bool]]:
    """(first byte, block, whether it is still being filled); a meter that follows gets such a block again and again."""
    first, follows = 0, isinstance(meter, Follow)
    with open(path, "rb") as file:
        while True:
            file.seek(first)
            blocks = file.read(BLOCK * _AT_ONCE)
            meter(len(blocks))
            for start in range(0, len(blocks), BLOCK):
                block = blocks[start : start + BLOCK]
                yield first + start, block, follows and len(block) < BLOCK
            first += len(blocks) // BLOCK * BLOCK
            if len(blocks) < BLOCK * _AT_ONCE:
                if not follows:
                    return
                yield first, b"", True
                still_there(path, file)


def _pieces(block: bytes, at: int) -> Iterator[tuple[int, int, bytes]]:
    """(place, kind, data) of each piece of a block; kind -1, and then nothing more, where one is damaged or cut off."""
    while at + _PIECE.size <= len(block):
        checksum, length, kind = _PIECE.unpack_from(block, at)
        if checksum == length == kind == 0 and not block[at:].strip(b"\0"):
            return  # room that was set aside
        data = block[at + _PIECE.size : at + _PIECE.size + length]
        if not _FULL <= kind <= _LAST or len(data) < length or crc32(data, _SEED[kind]) != checksum:
            yield at, -1, b""
            return
        yield at, kind, data
        at += _PIECE.size + length
    if len(block) < BLOCK and at < len(block):
        yield at, -1, b""
