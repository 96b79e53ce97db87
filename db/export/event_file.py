"""A run as a TensorBoard event file: each series a tag of scalar tensors in float64, so that nothing is rounded.

What is known of the run beside its points goes along as texts under the tag "barograph". Of an event the fields
wall_time 1, step 2, file_version 3 and summary 5 are written; of a value tag 1, tensor 8 and metadata 9.
(tensorboard/compat/proto/event.proto, summary.proto, tensor.proto)
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ...errors import StoreError
from ..exchange.checksum import masked_crc, masked_crcs
from ..exchange.notes import MARK
from .table import Meter, Replacing, Table

_DOUBLE = b"\x08\x02\x12\x00\x32\x08"  # a tensor of float64 without any dimension; its one value follows
_SCALARS = b"\x0a\x09\x0a\x07scalars\x20\x01"  # the plugin, and that the data are scalars
_TEXT = b"\x0a\x06\x0a\x04text\x20\x02"
_ROWS = 50_000  # records encoded at once


def to_tensorboard(table: Table, path: str | os.PathLike[str], meter: Meter = lambda points: None) -> None:
    """Writes the run into the folder `path`, in one event file that a second export replaces.

    StoreError where it cannot be written, or where the folder has another run's event files, which would mix with it.
    """
    folder = Path(path).expanduser().absolute()
    which = re.sub(r"[^\w-]", "_", table.run.id)[:80]
    name = f"events.out.tfevents.{max(int(table.run.started), 0)}.{MARK}.{which}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        others = [one.name for one in folder.iterdir() if ".tfevents." in one.name and one.name != name]
    except OSError as error:
        raise StoreError(f"cannot write into {folder} ({error.strerror}); choose another place") from error
    if others:
        raise StoreError(f"{folder} holds event files already ({others[0][:80]}); choose an empty folder")
    with Replacing(table.store, folder / name) as file, open(file, "wb") as out:
        out.write(_record(_begin(table.run.started, 0) + _field(3, b"brain.Event:2")))
        for note in table.notes():
            out.write(_record(_begin(table.run.started, 0) + _field(5, _field(1, _words(note)))))
        for steps, values, there in table.pieces(meter):
            wall = _wall(table, steps)
            for column, tag in enumerate(table.names):
                at = np.flatnonzero(there[:, column])
                for some in np.split(at, range(_ROWS, len(at), _ROWS)):
                    for block in _scalars(tag, wall[some], steps[some], values[some, column]):
                        out.write(block)


def _wall(table: Table, steps: np.ndarray) -> np.ndarray:
    """When each step was, in seconds since 1970; the run's start where it did not record any time."""
    try:
        since = table.store.axis(table.run.id, steps, "time")
    except StoreError:
        since = np.zeros(len(steps))
    return table.run.started + np.where(np.isfinite(since), since, 0.0)


def _scalars(tag: str, wall: np.ndarray, steps: np.ndarray, values: np.ndarray) -> Iterator[bytes]:
    """The records of some points [n] of one tag, in their order: those whose steps are of one length at once."""
    words = _field(1, tag.encode()) + _field(9, _SCALARS)
    tensor = _header(8, len(_DOUBLE) + 8) + _DOUBLE
    summary = _header(1, len(words) + len(tensor) + 8) + words + tensor
    rest = np.frombuffer(_header(5, len(summary) + 8) + summary, np.uint8)
    digits = _varints(steps)
    lengths = (digits >= 128).sum(1) + 1
    edges = np.flatnonzero(np.diff(lengths, prepend=0, append=0))
    for a, b in zip(edges, edges[1:], strict=False):
        n, length = b - a, int(lengths[a])
        body = np.concatenate([
            np.full((n, 1), 0x09, np.uint8), _bytes(wall[a:b]), np.full((n, 1), 0x10, np.uint8),
            digits[a:b, :length], np.broadcast_to(rest, (n, len(rest))), _bytes(values[a:b]),
        ], axis=1)  # fmt: skip
        head = np.broadcast_to(np.frombuffer(struct.pack("<Q", body.shape[1]), np.uint8), (n, 8))
        sums = _bytes(masked_crcs(head[:1]), "<u4"), _bytes(masked_crcs(body), "<u4")
        yield np.concatenate([head, np.broadcast_to(sums[0], (n, 4)), body, sums[1]], axis=1).tobytes()


def _varints(steps: np.ndarray) -> np.ndarray:
    """Steps as protocol buffers write them -> bytes [n, 10]; of each row the bytes up to the first below 128 count."""
    unsigned = steps.astype(np.int64).view(np.uint64)[:, None]
    shifts = np.uint64(7) * np.arange(10, dtype=np.uint64)
    digits = ((unsigned >> shifts) & np.uint64(127)).astype(np.uint8)
    more = np.cumsum(digits[:, ::-1], axis=1, dtype=np.int64)[:, ::-1][:, 1:] > 0
    digits[:, :-1] |= np.where(more, 128, 0).astype(np.uint8)
    return digits


def _bytes(numbers: np.ndarray, kind: str = "<f8") -> np.ndarray:
    return np.ascontiguousarray(numbers, kind).view(np.uint8).reshape(len(numbers), -1)


def _words(text: str) -> bytes:
    tensor = b"\x08\x07" + _field(2, _field(2, b"\x08\x01")) + _field(8, text.encode())
    return _field(1, MARK.encode()) + _field(9, _TEXT) + _field(8, tensor)


def _begin(wall: float, step: int) -> bytes:
    return b"\x09" + struct.pack("<d", wall) + b"\x10" + bytes([step])


def _field(number: int, content: bytes) -> bytes:
    return _header(number, len(content)) + content


def _header(number: int, length: int) -> bytes:
    """The beginning of a field of `length` bytes."""
    (digits,) = _varints(np.array([length]))
    return bytes([number << 3 | 2, *digits[: int((digits >= 128).sum()) + 1].tolist()])


def _record(data: bytes) -> bytes:
    head = struct.pack("<Q", len(data))
    sums = [struct.pack("<I", masked_crc(part)) for part in (head, data)]
    return head + sums[0] + data + sums[1]
