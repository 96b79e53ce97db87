"""JSON lines: one object a line, each with what was logged at a step; nested objects become `outer/inner`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..exchange.notes import MARK
from ._machinery import lines
from ._machinery.batch import Batch
from ._machinery.lines import Meter
from ._machinery.roles import role_of, telling

FORMAT = "JSON lines"
PLAIN = True
EXPECTS = "JSON lines with a step or a loss"
_CONFIG = frozenset(("config", "hparams", "hyperparameters", "hyper_parameters", "args"))
_UNREADABLE = (ValueError, RecursionError, TypeError)


def recognise(path: Path, head: bytes) -> bool:
    """Whether the first lines are JSON objects, one of which has a step or a loss."""
    found = lines.head(head)
    rows = [row for line in found[:200] if isinstance(row := row_of(line), dict)]
    first = next((line for line in found if line.strip()), "")
    if first.startswith(f'{{"{MARK}":'):
        return True
    if not first.lstrip().startswith("{") or any("log_history" in row for row in rows):
        return False
    flat = {f"{outer}/{k}" for row in rows for outer, v in row.items() if isinstance(v, dict) for k in v}
    return telling(flat.union(*rows)) or (len(found) == 1 and path.suffix in (".jsonl", ".ndjson"))


def read(paths: Sequence[Path], meter: Meter) -> Iterator[Batch | None]:
    """The rows of the file. An object called `config` holds hyper-parameters, and so do lines before the first step."""
    begun = False
    for piece in lines.read(paths[0], meter):
        if piece is None:
            yield None
            continue
        rows, at, unread = _rows(piece.lines, piece.first)
        head: dict[str, Any] = {}
        notes: list[Any] = []
        if not begun:
            end = next((i for i, row in enumerate(rows) if row.keys() != {MARK}), len(rows))
            notes, rows, at = rows[:end], rows[end:], at[end:]
        if not begun and rows:
            first = next((i for i, row in enumerate(rows) if any(role_of(name) == "step" for name in row)), 0)
            for row in rows[:first]:
                head |= row
            rows, at, begun = rows[first:], at[first:], True
        batch = Batch(at, unread=unread, notes=notes)
        for name in _CONFIG & head.keys():
            if isinstance(head[name], dict):
                head |= head.pop(name)
        batch.config = head
        columns_of(batch, rows)
        yield batch


def _rows(found: list[str], first: int) -> tuple[list[dict[str, Any]], np.ndarray, list[int]]:
    """(objects, number of the line of each, numbers of the lines that are none)."""
    at = [first + i for i, line in enumerate(found) if line and not line.isspace()]
    kept = found if len(at) == len(found) else [found[i - first] for i in at]
    try:
        rows = json.loads(f"[{','.join(kept)}]")  # one call for all is twice as fast
        if len(rows) == len(kept) and set(map(type, rows)) <= {dict}:
            return rows, np.array(at, np.int64), []
    except _UNREADABLE:
        pass
    rows = [row_of(line) for line in kept]
    good = [i for i, row in enumerate(rows) if type(row) is dict]
    unread = [at[i] for i, row in enumerate(rows) if type(row) is not dict]
    return [rows[i] for i in good], np.array([at[i] for i in good], np.int64), unread


def row_of(line: str | bytes) -> Any:
    """The object that a line of JSON holds, None where it is none."""
    try:
        return json.loads(line)
    except _UNREADABLE:
        return None


def columns_of(batch: Batch, rows: Sequence[dict[str, Any]], at: np.ndarray | None = None, outer: str = "") -> None:
    """Adds objects that stand in the rows `at` (None: in all) to the batch, column by column."""
    at = np.arange(len(rows)) if at is None else at
    shapes: dict[tuple[str, ...], list[int]] = {}
    for i, row in enumerate(rows):
        shapes.setdefault(tuple(row), []).append(i)
    columns: dict[str, list[tuple[np.ndarray, Sequence[Any]]]] = {}
    for names, members in shapes.items():
        where = at[members]
        for name, cells in zip(names, zip(*[rows[i].values() for i in members], strict=True), strict=True):
            columns.setdefault(name, []).append((where, cells))
    for name, pieces in columns.items():
        where = np.concatenate([piece[0] for piece in pieces])
        values = [cell for piece in pieces for cell in piece[1]] if len(pieces) > 1 else pieces[0][1]
        if len(pieces) > 1:
            by = np.argsort(where, kind="stable")
            where, values = where[by], [values[i] for i in by]
        if dict in set(map(type, values)):
            inner = [i for i, cell in enumerate(values) if type(cell) is dict]
            if not outer and name in _CONFIG:
                for i in inner:
                    batch.config |= values[i]
            else:
                columns_of(batch, [values[i] for i in inner], where[inner], f"{outer}{name}/")
            rest = [i for i, cell in enumerate(values) if type(cell) is not dict]
            where, values = where[rest], [values[i] for i in rest]
        if len(where):
            batch.put(outer + name, where, values)
