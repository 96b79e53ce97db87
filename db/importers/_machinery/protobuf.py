"""The wire format of protocol buffers, as far as logs need it: the fields of a message, and where they stand.

https://protobuf.dev/programming-guides/encoding
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_DEEPEST = 50  # values inside values; beyond it nobody wrote a configuration


def fields(data: bytes | memoryview, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int, int, int]]:
    """Yields (number, wire type, first byte, end byte) of each field's content; ValueError where the bytes are none."""
    end = len(data) if end is None else end
    while start < end:
        key, start = varint(data, start, end)
        wire = key & 7
        if key < 8:
            raise ValueError("no field has the number 0")
        if wire == VARINT:
            at, start = start, varint(data, start, end)[1]
        elif wire == BYTES:
            length, at = varint(data, start, end)
            start = at + length
        elif wire in (FIXED64, FIXED32):
            at, start = start, start + (8 if wire == FIXED64 else 4)
        else:
            raise ValueError(f"no wire type {wire}")
        if start > end:
            raise ValueError("a field ends behind its message")
        yield key >> 3, wire, at, start


def varint(data: bytes | memoryview, at: int, end: int) -> tuple[int, int]:
    """(the unsigned integer that begins at `at`, where it ends)."""
    value = shift = 0
    while at < end and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & (1 << 64) - 1, at
        shift += 7
    raise ValueError("an integer that does not end")


def signed(value: int) -> int:
    """An int64 from what stands on the wire."""
    return value - (1 << 64) if value >> 63 else value


def text(data: bytes | memoryview, at: int, end: int) -> str:
    return bytes(data[at:end]).decode("utf-8", "replace")


def double(data: bytes | memoryview, at: int) -> float:
    return float(struct.unpack_from("<d", data, at)[0])


def any_value(data: bytes, start: int, end: int, depth: int = 0) -> Any:
    """A `google.protobuf.Value`: null, number, string, bool, struct or list."""
    found: Any = None
    for number, wire, at, stop in fields(data, start, end):
        if number == 2 and wire == FIXED64:
            found = double(data, at)
        elif number == 3 and wire == BYTES:
            found = text(data, at, stop)
        elif number == 4 and wire == VARINT:
            found = bool(data[at])
        elif number == 5 and wire == BYTES and depth < _DEEPEST:
            found = any_map(data, at, stop, depth + 1)
        elif number == 6 and wire == BYTES and depth < _DEEPEST:
            items = [(a, b) for n, w, a, b in fields(data, at, stop) if (n, w) == (1, BYTES)]
            found = [any_value(data, a, b, depth + 1) for a, b in items]
    return found


def any_map(data: bytes, start: int, end: int, depth: int = 0) -> dict[str, Any]:
    """A `map<string, google.protobuf.Value>` in field 1 of the message that stands from `start` to `end`."""
    found = {}
    for number, wire, at, stop in fields(data, start, end):
        if (number, wire) == (1, BYTES):
            entry = {n: (a, b) for n, _, a, b in fields(data, at, stop)}
            if 1 in entry:
                found[text(data, *entry[1])] = any_value(data, *entry[2], depth) if 2 in entry else None
    return found
