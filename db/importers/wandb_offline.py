"""The `.wandb` file of a Weights & Biases run, as it lies in `wandb/offline-run-*/` and in `wandb/run-*/`.

Every step that was logged comes over (nothing is sampled), with time, config, name, project, notes and tags; media,
system metrics and console output stay behind. The files of a run that was resumed are one run.
Fields are those of wandb/proto/wandb_internal.proto (0.12 to 0.31).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ._machinery import leveldb
from ._machinery import protobuf as pb
from ._machinery.batch import Batch
from ._machinery.lines import Meter, in_turn
from .json_lines import columns_of

FORMAT = "W&B file"
EXPECTS = "a Weights & Biases .wandb file"
UNIT = "byte"
_MAGIC = b":W&B"
_HEADER = 7
_ROWS = 20_000
_FOLDER = re.compile(r"(?:offline-)?run-(\d{8}_\d{6})-")
_RECORD = {2: "history", 5: "config", 17: "run", 18: "exit"}


def recognise(path: Path, head: bytes) -> bool:
    return head.startswith(_MAGIC)


def home(path: Path) -> Path:
    """The run's first file: a run that is resumed has a folder for each time, and the same file name in each."""
    if not _FOLDER.match(path.parent.name):
        return path
    files = [file for file in path.parent.parent.glob(f"*/{_literal(path.name)}") if _FOLDER.match(file.parent.name)]
    return min([path, *files], key=_begun)


def read(paths: Sequence[Path], meter: Meter) -> Iterator[Batch | None]:
    """The history of each file, in the order in which they were begun."""
    return in_turn([_file(path, meter) for path in sorted(paths, key=_begun)])


def _file(path: Path, meter: Meter) -> Iterator[Batch | None]:
    file = f"{path.parent.name}/{path.name}"
    rows: list[dict[str, Any]] = []
    at: list[int] = []
    unread: list[int] = []
    config: dict[str, Any] = {}
    facts: dict[str, Any] = {"state": "stopped"}  # unless the file says how it ended
    for found in leveldb.read(path, _HEADER, meter):
        if found is not None:
            place, record = found
            try:
                row = _take(record, config, facts) if record is not None else None
            except (ValueError, RecursionError):
                row, record = None, None
            if record is None:
                unread.append(place)
            elif row is not None:
                rows.append(row)
                at.append(place)
        if found is None or len(rows) == _ROWS:
            yield _batch(rows, at, unread, config, facts, file)
            rows, at, unread = [], [], []
        if found is None:
            yield None
    yield _batch(rows, at, unread, config, facts, file)


def _batch(
    rows: list[dict[str, Any]],
    at: list[int],
    unread: list[int],
    config: dict[str, Any],
    facts: dict[str, Any],
    file: str,
) -> Batch:
    batch = Batch(np.array(at, np.int64), unread=unread, config=dict(config), run=dict(facts), file=file)
    columns_of(batch, rows)
    return batch


def _take(record: bytes, config: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any] | None:
    """A row, where the record is one; what it says of the run is put into `config` and `facts`."""
    for number, wire, at, end in pb.fields(record):
        kind = _RECORD.get(number) if wire == pb.BYTES else None
        if kind == "history":
            return _row(record, at, end)
        if kind == "config":
            _configure(record, at, end, config)
        elif kind == "run":
            _run(record, at, end, config, facts)
        elif kind == "exit":
            code = [pb.varint(record, a, b)[0] for n, _, a, b in pb.fields(record, at, end) if n == 1]
            facts["state"] = "stopped" if any(code) else "finished"
    return None


def _row(record: bytes, start: int, end: int) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for number, _, at, stop in pb.fields(record, start, end):
        if number == 1:
            name, value = _item(record, at, stop)
            if not isinstance(value, dict) or "_type" not in value:  # media and histograms
                row["/".join(name)] = value
        elif number == 2:
            row["_step"] = next((pb.varint(record, a, b)[0] for n, _, a, b in pb.fields(record, at, stop) if n == 1), 0)
    if "_timestamp" in row:
        row.pop("_runtime", None)
    return dict(sorted(row.items()))  # the order in the file is drawn by lot


def _item(record: bytes, start: int, end: int) -> tuple[list[str], Any]:
    """(name by levels, value) of a HistoryItem or a ConfigItem."""
    name: list[str] = []
    value: Any = None
    for number, wire, at, stop in pb.fields(record, start, end):
        if number in (1, 2) and stop > at:
            name.append(pb.text(record, at, stop))
        elif number in (8, 16) and wire == pb.BYTES:
            value = json.loads(record[at:stop])
        elif number == 7 and wire == pb.BYTES:
            value = pb.text(record, at, stop)
        elif number == 6 and wire == pb.FIXED64:
            value = pb.double(record, at)
        elif number in (4, 5) and wire == pb.VARINT:
            raw = pb.varint(record, at, stop)[0]
            value = raw >> 1 ^ -(raw & 1) if number == 5 else bool(raw)
    return name, value


def _configure(record: bytes, start: int, end: int, config: dict[str, Any]) -> None:
    for number, wire, at, stop in pb.fields(record, start, end):
        if number in (1, 2) and wire == pb.BYTES:
            name, value = _item(record, at, stop)
            if not name or name[0] == "_wandb":
                continue
            into = config
            for outer in name[:-1]:
                inner = into.get(outer)
                into[outer] = dict(inner) if isinstance(inner, dict) else {}
                into = into[outer]
            if number == 1:
                into[name[-1]] = value
            else:
                into.pop(name[-1], None)


def _run(record: bytes, start: int, end: int, config: dict[str, Any], facts: dict[str, Any]) -> None:
    tags = []
    for number, wire, at, stop in pb.fields(record, start, end):
        if wire != pb.BYTES:
            continue
        if number == 4:
            _configure(record, at, stop, config)
        elif number in (3, 8, 9):
            facts[{3: "project", 8: "name", 9: "note"}[number]] = pb.text(record, at, stop)
        elif number == 10:
            tags.append(pb.text(record, at, stop))
    facts["tags"] = tuple(tags)


def _begun(path: Path) -> tuple[str, Path]:
    folder = _FOLDER.match(path.parent.name)
    return (folder[1] if folder else ""), path


def _literal(name: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", name)
