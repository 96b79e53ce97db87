"""The journal's bytes: frames that can be appended in one write and read back by columns.

A frame is a header of 16 bytes `<length, crc32, shape, kind>` (uint32 each) and a body padded to 8 bytes. The checksum
covers shape and kind too.

    SHAPE    JSON list of keys; every later frame with this shape id holds one value per key
    POINTS   int64 step, float64 value per key
    COLUMNS  int64 count, count int64 steps, count x keys float64 values
    NOTE     JSON object of entries by kind: run, attempt, late, describe, explain, event, evaluation, plan, update or
             close; a reader passes over kinds that it does not know

What follows an attempt's note is that attempt's; `late` holds points of an earlier one: {attempt, step, points}, a list
of [key, value].

A key is a signal's name, or a list of the name and its part. What is damaged costs itself only: reading goes on at the
next whole frame, and an event stands in the place of what is missing.
"""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from operator import index
from typing import Any
from zlib import crc32

import numpy as np

from ...keys import SeriesKey
from .accepted import LOST

MAGIC = b"BAROGRF1"
HEADER = struct.Struct("<IIII")
SHAPE, POINTS, COLUMNS, NOTE = 1, 2, 3, 4
_NO_HEADER = 1 << 40, 0, 0, NOTE  # of a frame whose own is not whole yet


class Keys(tuple[SeriesKey, ...]):
    """The keys of one shape, with the column of each."""

    @cached_property
    def column(self) -> dict[SeriesKey, int]:
        return {key: at for at, key in enumerate(self)}


def frame(kind: int, shape: int, body: bytes) -> bytes:
    return HEADER.pack(len(body), crc32(body, shape ^ kind << 29), shape, kind) + body


def json_body(value: Any) -> bytes:
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    except Exception:  # keys that are no strings, an object inside itself or without a text
        text = json.dumps(_plain(value, 8), ensure_ascii=False)
    raw = text.encode("utf-8", "replace")
    return raw + b" " * (-len(raw) % 8)


def _plain(value: Any, depth: int) -> Any:
    """Something like `value` that JSON can hold."""
    if value is None or isinstance(value, (bool, float, str)) or (isinstance(value, int) and abs(value) < 1 << 64):
        return value
    if depth and isinstance(value, dict):
        return {str(k): _plain(v, depth - 1) for k, v in value.items()}
    if depth and isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(v, depth - 1) for v in value]
    try:
        return str(value)[:1000]
    except Exception as error:  # a user's object, with a user's __str__
        return f"<{type(value).__name__}: {type(error).__name__}>"


def points_packer(width: int) -> Callable[..., bytes]:
    """`pack(step, *values)` for a shape of `width` keys."""
    return struct.Struct(f"<q{width}d").pack


def columns_body(steps: np.ndarray, values: np.ndarray) -> bytes:
    count = np.array([len(steps)], "<i8")
    return (
        count.tobytes() + np.ascontiguousarray(steps, "<i8").tobytes() + np.ascontiguousarray(values, "<f8").tobytes()
    )


@dataclass
class Block:
    """Points of one shape read from a journal: `steps` [n], `values` [n, keys], `order` [n] (byte offset of each)."""

    attempt: int
    keys: Keys
    steps: np.ndarray
    values: np.ndarray
    order: np.ndarray


@dataclass
class Cursor:
    """Where reading stands in one journal: what the frames read so far have defined."""

    offset: int = len(MAGIC)
    attempt: int = 0
    shapes: dict[int, Keys] = field(default_factory=dict)
    damaged: int | None = None  # the first byte that was passed over

    def to_json(self) -> str:
        return json.dumps({"attempt": self.attempt, "shapes": {str(k): v for k, v in self.shapes.items()}})

    @classmethod
    def from_json(cls, offset: int, text: str) -> Cursor:
        state = json.loads(text)
        shapes = {int(k): Keys(as_key(key) for key in keys) for k, keys in state["shapes"].items()}
        return cls(offset, state["attempt"], shapes)


@dataclass
class Note:
    """One NOTE of a journal: where it begins, the attempt it belongs to, and what it says."""

    offset: int
    attempt: int
    entry: dict[str, Any]


def as_key(raw: Any) -> SeriesKey:
    if isinstance(raw, (list, tuple)):
        return tuple(str(item) for item in raw) if len(raw) > 1 else "".join(map(str, raw))
    return str(raw)


def read(data: bytes, cursor: Cursor) -> tuple[list[Block], list[Note], str | None]:
    """Reads every whole frame of `data`, which starts at `cursor.offset`, and moves the cursor behind the last of them.

    Returns blocks of points, notes, and what stopped the reading before the end ("unfinished", "damaged", or None).
    """
    blocks: list[Block] = []
    notes: list[Note] = []
    loose: dict[tuple[int, int, int], list[int]] = {}  # (attempt, shape, body length) -> positions of POINTS frames
    gaps: list[tuple[int, int, int, str]] = []  # attempt, first byte, end, what was there
    base, position, size, stopped, frames_read = cursor.offset, 0, len(data), None, 0
    view, unpack, head = memoryview(data), HEADER.unpack_from, HEADER.size
    while position < size:
        length, crc, shape, kind = unpack(data, position) if position + head <= size else _NO_HEADER
        body = position + head
        end = body + length
        known = 0 < kind <= NOTE and length % 8 == 0
        if not known or end > size or crc32(view[body:end], shape ^ kind << 29) != crc:
            found = next_whole(data, position)
            if found is None:
                stopped = "unfinished" if known and end > size else "damaged"
                break
            gaps.append((cursor.attempt, base + position, base + found, "damaged"))
            position = found
            continue
        if kind == POINTS:
            loose.setdefault((cursor.attempt, shape, length), []).append(position)
        elif kind == COLUMNS and shape in cursor.shapes:
            blocks.append(_columns(data, body, cursor, shape, base + position))
        elif kind == COLUMNS:
            gaps.append((cursor.attempt, base + position, base + end, "without the names of its series"))
        else:
            value = json.loads(bytes(view[body:end]))
            if kind == SHAPE:
                cursor.shapes[shape] = Keys(as_key(key) for key in value)
            else:
                notes.append(_note(value, cursor, base + position, blocks))
        position = end
        frames_read += 1
        if frames_read % 256 == 0:
            time.sleep(0)  # lets the training thread in at once, where it would wait for the interpreter's 5 ms
    cursor.offset = base + position
    for (attempt, shape, length), positions in loose.items():
        if shape in cursor.shapes:
            blocks.append(_points(data, positions, length, attempt, cursor.shapes[shape], base))
        else:
            places = (base + positions[0], base + positions[-1] + head + length)
            gaps.append((attempt, *places, "without the names of their series"))
    if gaps:
        gaps.sort(key=lambda gap: gap[1])
        cursor.damaged = gaps[0][1] if cursor.damaged is None else cursor.damaged
        notes += [_missing(gap, blocks) for gap in gaps]
        notes.sort(key=lambda note: note.offset)
    return blocks, notes, stopped


def end_of(data: bytes, position: int) -> int | None:
    """Where the frame at `position` ends; None where it is damaged or unfinished."""
    if position + HEADER.size > len(data):
        return None
    length, crc, shape, kind = HEADER.unpack_from(data, position)
    body, end = position + HEADER.size, position + HEADER.size + length
    if not SHAPE <= kind <= NOTE or length % 8 or end > len(data):
        return None
    return end if crc32(memoryview(data)[body:end], shape ^ kind << 29) == crc else None


def next_whole(data: bytes, position: int) -> int | None:
    """Where the next whole frame behind `position` begins; every frame begins at a multiple of eight bytes."""
    words = np.frombuffer(data, "<u4", max(len(data) - position - 8, 0) // 8 * 2, min(position + 8, len(data)))
    length, kind = words[:-2:2], words[3::2]
    place = position + 8 + 8 * np.arange(len(kind))
    there = (kind >= SHAPE) & (kind <= NOTE) & (length % 8 == 0) & (place + HEADER.size + length <= len(data))
    return next((at for at in place[there].tolist() if end_of(data, at)), None)


def _missing(gap: tuple[int, int, int, str], blocks: list[Block]) -> Note:
    """The event that stands in the place of what cannot be read."""
    attempt, first, end, what = gap
    mine = [block for block in blocks if block.attempt == attempt]
    before = [int(block.steps[block.order < first][-1]) for block in mine if (block.order < first).any()]
    after = [int(block.steps[block.order >= end][0]) for block in mine if (block.order >= end).any()]
    where = [f"after step {max(before)}"] if before else []
    where += [f"before step {min(after)}"] if after else []
    text = f"bytes {first} to {end - 1} of its journal are {what}: what was recorded there"
    event = {
        "step": max(before, default=min(after, default=0)),
        "kind": LOST,
        "text": f"{', '.join([text, ' and '.join(where)]) if where else text}, is missing",
        "time": time.time(),
        "attempt": attempt,
    }
    return Note(first, attempt, {"event": event})


def _note(value: Any, cursor: Cursor, offset: int, blocks: list[Block]) -> Note:
    """A NOTE, which may begin an attempt or hold late points; what is odd about it stays, for `accepted` to name."""
    if isinstance(value, dict):
        begun = value.get("attempt")
        if isinstance(begun, dict) and type(begun.get("number")) is int and 0 <= begun["number"] < 1 << 31:
            cursor.attempt = begun["number"]
        if "late" in value:
            try:
                blocks.append(_late(value["late"], offset))
                del value["late"]
            except (TypeError, ValueError, KeyError, OverflowError):
                value["late"] = str(value["late"])
    return Note(offset, cursor.attempt, value)


def _late(entry: dict[str, Any], offset: int) -> Block:
    keys = Keys(as_key(key) for key, _ in entry["points"])
    values = np.array([[value for _, value in entry["points"]]], np.float64)
    return Block(index(entry["attempt"]), keys, np.array([entry["step"]], np.int64), values, np.array([offset]))


def _columns(data: bytes, body: int, cursor: Cursor, shape: int, offset: int) -> Block:
    count = int(np.frombuffer(data, "<i8", 1, body)[0])
    keys = cursor.shapes[shape]
    steps = np.frombuffer(data, "<i8", count, body + 8)
    values = np.frombuffer(data, "<f8", count * len(keys), body + 8 + 8 * count).reshape(count, len(keys))
    return Block(cursor.attempt, keys, steps, values, np.full(count, offset))


def _points(data: bytes, positions: list[int], length: int, attempt: int, keys: Keys, base: int) -> Block:
    starts = np.asarray(positions, np.int64)
    stride = length + HEADER.size
    if len(starts) == 1 or (np.diff(starts) == stride).all():  # back to back: one strided view, no gather
        span = np.frombuffer(data, np.uint8, stride * len(starts), positions[0]).reshape(len(starts), stride)
        bodies = np.ascontiguousarray(span[:, HEADER.size :])
    else:
        raw = np.frombuffer(data, np.uint64, len(data) // 8)
        words = (starts[:, None] + HEADER.size) // 8 + np.arange(length // 8)
        bodies = raw[words].view(np.uint8)
    steps = bodies[:, :8].copy().view("<i8")[:, 0]
    values = bodies[:, 8:].copy().view("<f8")
    return Block(attempt, keys, steps, values, starts + base)
