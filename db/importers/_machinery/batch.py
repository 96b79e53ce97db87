"""What a reader of a log format gives: some consecutive rows, by column, and what it learnt on the way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from .roles import role_of

_ABSENT = frozenset(("", "null", "none", "na", "n/a", "-", "--"))


@dataclass
class Column:
    """The cells of one column that hold a number: `rows` [k], strictly increasing, and `values` [k] (NaN, inf kept).

    `odd` are the rows whose cell holds something else: a row without a value is in neither.
    """

    rows: np.ndarray
    values: np.ndarray
    odd: np.ndarray


@dataclass
class Batch:
    """Some rows of a log. `lines` [n] says where each stood; `unread` are the lines that are no rows at all.

    Places are counted in the importer's UNIT, lines unless it says otherwise, within the file called `file` where a
    log has several. `steps` [n] where the format itself has them; otherwise one of the columns has them.
    """

    lines: np.ndarray
    columns: dict[str, Column] = field(default_factory=dict)
    unread: Sequence[int] = ()
    config: dict[str, Any] = field(default_factory=dict)  # hyper-parameters
    run: dict[str, Any] = field(default_factory=dict)  # fields of Run that the format knows, e.g. steps_planned
    steps: np.ndarray | None = None
    file: str = ""
    seconds: float | None = None  # how long the whole run took, where the format says so and its rows do not
    notes: Sequence[Any] = ()  # what an export has sent along (see `db/notes.py`)

    def put(self, name: str, rows: Sequence[int] | np.ndarray, cells: Sequence[Any]) -> None:
        """Adds the cells of a column; a name that is there already gets a number ("loss (2)")."""
        unique, n = name, 1
        while unique in self.columns:
            n += 1
            unique = f"{name} ({n})"
        self.columns[unique] = numbers(np.asarray(rows, np.int64), cells, dates=role_of(name) == "time")

    def spread(self, names: Sequence[str], which: np.ndarray, values: np.ndarray) -> None:
        """Adds one cell a row: in row i `values[i]` [n] in the column called `names[which[i]]`."""
        by = np.argsort(which, kind="stable")
        rows = np.split(by, np.searchsorted(which[by], np.arange(1, len(names))))
        for name, at in zip(names, rows, strict=False):
            if len(at):
                self.columns[name] = Column(at, values[at], np.empty(0, np.int64))


def numbers(rows: np.ndarray, cells: Sequence[Any], dates: bool = False) -> Column:
    """Cells -> numbers. Empty cells and null are absent, "NaN" and "inf" are values, `dates` are seconds since 1970."""
    nothing = np.empty(0, np.int64)
    try:
        return Column(rows, np.fromiter(map(float, cells), float, len(cells)), nothing)
    except (TypeError, ValueError, OverflowError):
        pass
    there = [i for i, cell in enumerate(cells) if not (cell is None or cell == "")]
    try:
        values = np.fromiter((float(cells[i]) for i in there), float, len(there))
        return Column(rows[there], values, nothing)
    except (TypeError, ValueError, OverflowError):
        pass
    good: list[int] = []
    kept: list[float] = []
    odd: list[int] = []
    for i in there:
        value = _number(cells[i], dates)
        if value is not None:
            good.append(i)
            kept.append(value)
        elif not (isinstance(cells[i], str) and cells[i].strip().lower() in _ABSENT):
            odd.append(i)
    return Column(rows[good], np.array(kept, float), rows[odd])


def _number(cell: Any, dates: bool) -> float | None:
    try:
        return float(cell)
    except OverflowError:  # an integer beyond float64
        return math.copysign(math.inf, 1 if cell > 0 else -1)
    except (TypeError, ValueError):
        pass
    if dates and isinstance(cell, str):
        try:
            found = datetime.fromisoformat(cell.strip())
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            pass
    return None
