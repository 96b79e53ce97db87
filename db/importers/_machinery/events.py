"""The scalars in TensorBoard's events, decoded many at once: most events of a file have the same few layouts.

Of an event these fields are read: wall_time 1, step 2, summary 5; of a summary the values 1; of a value tag 1,
simple_value 2, tensor 8, metadata 9 (tensorboard/compat/proto/event.proto, summary.proto, tensor.proto).
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import numpy as np

from ...exchange.checksum import checksums_fit
from ...exchange.notes import MARK
from . import protobuf as pb
from .tfrecord import LONGEST, Records

_LAYOUTS = 64  # tried on the records of one length; the rest is decoded one by one
_KINDS = {1: "<f4", 2: "<f8", 3: "<i4", 4: "u1", 5: "<i2", 6: "i1", 9: "<i8", 10: "?", 17: "<u2", 19: "<f2",
          22: "<u4", 23: "<u8"}  # fmt: skip
_SIZES = {kind: np.dtype(kind).itemsize for kind in _KINDS.values()}
_TEXTS = {"args/text_summary": "", "args": "", "model_config/text_summary": "model_config", MARK: ""}  # the Trainer's


class Scalars(NamedTuple):
    """Values in the order of their records: `at` [n] places in the file, `tag` [n] numbers of `tags`."""

    at: np.ndarray
    wall: np.ndarray
    steps: np.ndarray
    tag: np.ndarray
    values: np.ndarray
    tags: list[str]
    config: dict[str, Any]
    damaged: list[int]
    notes: list[Any]


class _Value(NamedTuple):
    """Where a scalar stands in its record: the tag's bytes, and the number's place and type (or the number itself)."""

    tag: tuple[int, int]
    at: int
    kind: str
    number: float = 0.0


class _Event(NamedTuple):
    wall: int  # -1: none
    step: tuple[int, int]
    values: list[_Value]


def scalars(records: Records) -> Scalars:
    """All the scalars of some records; hyper-parameters among them go to `config`."""
    found = _Found()
    for length in np.unique(records.length):
        index = np.flatnonzero(records.length == length)
        _same_length(records, index, int(length), found)
    return found.scalars(records)


class _Found:
    def __init__(self) -> None:
        self.pieces: list[tuple[np.ndarray, ...]] = []  # (record, wall, step, tag, value), each [k]
        self.single: list[tuple[int, float, int, int, float]] = []
        self.numbers: dict[bytes, int] = {}
        self.config: dict[str, Any] = {}
        self.damaged: list[int] = []
        self.notes: list[Any] = []

    def number(self, tag: bytes) -> int:
        return self.numbers.setdefault(tag, len(self.numbers))

    def scalars(self, records: Records) -> Scalars:
        if self.single:
            self.pieces.append(tuple(np.array(column) for column in zip(*self.single, strict=True)))
        empty = (np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
        index, wall, steps, tag, values = (np.concatenate(part) for part in zip(empty, *self.pieces, strict=True))
        by = np.argsort(index, kind="stable")
        tags = [raw.decode("utf-8", "replace") for raw in self.numbers]
        at = records.first + records.at[index[by].astype(np.int64)] - 12
        damaged = sorted([*records.damaged, *(int(records.first + records.at[i]) - 12 for i in self.damaged)])
        return Scalars(at, wall[by], steps[by], tag[by], values[by], tags, self.config, damaged, self.notes)


def _same_length(records: Records, index: np.ndarray, length: int, found: _Found) -> None:
    """Decodes the records `index`, all of `length` bytes, layout by layout."""
    if not 0 < length <= LONGEST:
        return
    windows = np.lib.stride_tricks.sliding_window_view(np.frombuffer(records.data, np.uint8), length)
    rows = windows[records.at[index]] if len(index) > 1 else None
    todo, tried = np.ones(len(index), bool), 0
    for i in range(len(index)):
        if not todo[i]:
            continue
        begin = int(records.at[index[i]])
        try:
            event, config = _parse(records.data, begin, begin + length)
        except (ValueError, IndexError):
            found.damaged.append(int(index[i]))
            continue
        if len(event.values) == 1 and not event.values[0].kind == "" and rows is not None and tried < _LAYOUTS:
            tried += 1
            same = np.flatnonzero(todo)
            same = same[_matches(rows[same], rows[i], event)]
            todo[same] = False
            _decode(records, index[same], rows[same], event, found)
        elif event.values or config:
            if checksums_fit(records.data, np.array([begin]), length)[0]:
                _single(records.data, begin, int(index[i]), event, found)
                found.notes += [{MARK: note} for note in [config.pop(MARK, None)] if note]
                found.config |= config
            else:
                found.damaged.append(int(index[i]))


def _matches(rows: np.ndarray, like: np.ndarray, event: _Event) -> np.ndarray:
    """Which rows [n, length] have the layout of the row `like`: the same bytes where no content is."""
    (tag, at, kind, _), (step, step_end) = event.values[0], event.step
    fixed = np.ones(rows.shape[1], bool)
    fixed[tag[0] : tag[1]] = False
    fixed[at : at + np.dtype(kind).itemsize] = False
    fixed[step:step_end] = False
    if event.wall >= 0:
        fixed[event.wall : event.wall + 8] = False
    same: np.ndarray = (rows[:, fixed] == like[fixed]).all(1)
    same &= ((rows[:, step:step_end] < 128) == (like[step:step_end] < 128)).all(1)
    return same


def _decode(records: Records, index: np.ndarray, rows: np.ndarray, event: _Event, found: _Found) -> None:
    """Takes the content of rows [n, length] of one layout, those with a wrong checksum left out."""
    sound = checksums_fit(records.data, records.at[index], rows.shape[1])
    found.damaged += index[~sound].tolist()
    index, rows = index[sound], rows[sound]
    if not len(index):
        return
    (tag, at, kind, _), (step, step_end) = event.values[0], event.step
    wall = _view(rows, event.wall, "<f8") if event.wall >= 0 else np.zeros(len(rows))
    steps = np.zeros(len(rows), np.uint64)
    for place in range(step, step_end):
        steps |= (rows[:, place].astype(np.uint64) & np.uint64(127)) << np.uint64(7 * (place - step))
    if tag[1] > tag[0]:
        names, which = np.unique(_view(rows, tag[0], f"S{tag[1] - tag[0]}"), return_inverse=True)
        numbers = np.array([found.number(name) for name in names.tolist()])[which]
    else:
        numbers = np.full(len(rows), found.number(b""))
    found.pieces.append((index, wall, steps.view(np.int64), numbers, _view(rows, at, kind).astype(float)))


def _view(rows: np.ndarray, at: int, kind: str) -> np.ndarray:
    return np.ascontiguousarray(rows[:, at : at + np.dtype(kind).itemsize]).view(kind)[:, 0]


def _single(data: bytes, begin: int, index: int, event: _Event, found: _Found) -> None:
    wall = pb.double(data, begin + event.wall) if event.wall >= 0 else 0.0
    step, end = (begin + place for place in event.step)
    steps = pb.signed(pb.varint(data, step, end)[0]) if end > step else 0
    for (tag, tag_end), at, kind, number in event.values:
        if kind:
            number = float(np.frombuffer(data, kind, 1, begin + at)[0])
        name = data[begin + tag : begin + tag_end].rstrip(b"\0")
        found.single.append((index, wall, steps, found.number(name), number))


def _parse(data: bytes, begin: int, end: int) -> tuple[_Event, dict[str, Any]]:
    """An event's scalars, with places counted from its first byte; ValueError where it is none."""
    wall, step = -1, (0, 0)
    values: list[_Value] = []
    config: dict[str, Any] = {}
    for number, wire, at, stop in pb.fields(data, begin, end):
        if (number, wire) == (1, pb.FIXED64):
            wall = at - begin
        elif (number, wire) == (2, pb.VARINT):
            step = at - begin, stop - begin
        elif (number, wire) == (5, pb.BYTES):
            for inner, kind, a, b in pb.fields(data, at, stop):
                if (inner, kind) == (1, pb.BYTES):
                    value = _value(data, begin, a, b, config)
                    if value:
                        values.append(value)
    return _Event(wall, step, values), config


def _value(data: bytes, begin: int, start: int, end: int, config: dict[str, Any]) -> _Value | None:
    tag, simple, tensor, plugin = (0, 0), None, None, ""
    for number, wire, at, stop in pb.fields(data, start, end):
        if (number, wire) == (1, pb.BYTES):
            tag = at - begin, stop - begin
        elif (number, wire) == (2, pb.FIXED32):
            simple = at - begin
        elif (number, wire) == (8, pb.BYTES):
            tensor = at, stop
        elif (number, wire) == (9, pb.BYTES):
            plugin = _plugin(data, at, stop, config)
    if simple is not None:
        return _Value(tag, simple, "<f4")
    if tensor is None or plugin not in ("", "scalars", "text"):
        return None
    name = pb.text(data, begin + tag[0], begin + tag[1])
    found = _tensor(data, begin, *tensor, tag) if plugin != "text" else None
    if found is None and name in _TEXTS:
        _texts(data, *tensor, _TEXTS[name], config)
    return found


def _plugin(data: bytes, start: int, end: int, config: dict[str, Any]) -> str:
    """The plugin that a value is for; the hyper-parameters of a session are put into `config`."""
    for number, _, at, stop in pb.fields(data, start, end):
        if number == 1:
            content = {n: (a, b) for n, _, a, b in pb.fields(data, at, stop)}
            name = pb.text(data, *content.get(1, (at, at)))
            if name == "hparams" and 2 in content:
                for kind, _, a, b in pb.fields(data, *content[2]):
                    if kind == 3:  # session_start_info
                        config |= pb.any_map(data, a, b)
            return name
    return ""


def _texts(data: bytes, start: int, end: int, name: str, config: dict[str, Any]) -> None:
    for number, _, at, stop in pb.fields(data, start, end):
        if number == 8:
            try:
                found = json.loads(pb.text(data, at, stop))
            except (ValueError, RecursionError):
                continue
            if isinstance(found, dict):
                config |= {name: found} if name else found


def _tensor(data: bytes, begin: int, start: int, end: int, tag: tuple[int, int]) -> _Value | None:
    """A tensor without any dimension that holds one number, or None."""
    kind = ""
    for number, wire, at, stop in pb.fields(data, start, end):
        if (number, wire) == (1, pb.VARINT):
            dtype = pb.varint(data, at, stop)[0]
            if dtype not in _KINDS and dtype != 14:
                return None
            kind = _KINDS.get(dtype, "bfloat16")
        elif number == 2 and any(n == 2 for n, *_ in pb.fields(data, at, stop)):
            return None
        elif (number, wire) == (4, pb.BYTES):
            if kind == "bfloat16" and stop - at == 2:
                return _Value(tag, 0, "", float(np.frombuffer(b"\0\0" + data[at:stop], "<f4")[0]))
            return _Value(tag, at - begin, kind) if kind in _SIZES and stop - at == _SIZES[kind] else None
        elif number in (5, 6):
            kind = "<f4" if number == 5 else "<f8"
            return _Value(tag, at - begin, kind) if stop - at == _SIZES[kind] else None
        elif number in (7, 10, 11, 13, 16, 17):
            value = pb.varint(data, at, stop)[0]
            if number == 13:
                bits = np.array([value << 16 if kind == "bfloat16" else value], np.uint32)
                half = bits.view("<f4") if kind == "bfloat16" else bits.astype(np.uint16).view("<f2")
                return _Value(tag, 0, "", float(half[0]))
            return _Value(tag, 0, "", float(value if number in (16, 17) else pb.signed(value)))
    return _Value(tag, 0, "", 0.0) if kind else None  # zero may be written as nothing
