"""A run as a table for other tools: a row a step, a column a series, as CSV or Parquet, in bounded memory.

An empty cell (CSV) or a null (Parquet) is a step at which that series was not recorded; NaN and inf are values.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .errors import StoreError
from .records import Run

if TYPE_CHECKING:
    from .store import Store

CELLS = 2_000_000  # of the table, held in memory at once
_ROWS = 1000  # of them turned into text at once
Meter = Callable[[int], None]  # told the points written since it was last called
Window = tuple[int, int, int]  # first step, last step, about how many points


class Table:
    """The surviving line of a run as a wide table; `signals` chooses some (StoreError for one it did not record)."""

    def __init__(self, store: Store, run: Run, signals: Sequence[str] = ()):
        found = store.signals(run.id)
        for name in signals:
            if name not in found:
                has = ", ".join(sorted(found)) or "nothing yet"
                raise StoreError(f"run {run.name} did not record {name!r}; it has {has}")
        self.store, self.run = store, run
        self.series = [(name, part) for name in (signals or found) for part in found[name].parts]
        self.names: list[str] = []
        for name, part in self.series:
            column = "/".join((name, *part))
            self.names.append(column if column not in (*self.names, "step") else f"{column} ({len(self.names)})")
        self.points = 0
        self.windows = list(self._windows())

    def _windows(self) -> Iterator[Window]:
        """Stretches of steps that hold few enough points: cut along the buckets of all the series together."""
        ends, counts, first = [np.empty(0, np.int64)], [np.empty(0, np.int64)], []
        for name, part in self.series:
            buckets = self.store.buckets(self.run.id, name, part, width=200)
            ends.append(buckets.last)
            counts.append(buckets.n.astype(np.int64))
            first += buckets.first[:1].tolist()
        end, at = np.unique(np.concatenate(ends), return_inverse=True)
        total = np.cumsum(np.bincount(at, np.concatenate(counts), len(end))).astype(np.int64)
        self.points = int(total[-1]) if len(total) else 0
        most = max(CELLS // max(len(self.series), 1), 1)
        start, done, i = min(first, default=0), 0, 0
        while i < len(end):
            rows = np.minimum(total[i:] - done, end[i:] - start + 1)
            i += max(int(np.searchsorted(rows, most, side="right")), 1)
            yield start, int(end[i - 1]), int(total[i - 1]) - done
            start, done = int(end[i - 1]) + 1, int(total[i - 1])

    def pieces(self, meter: Meter) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Yields (steps [n], values [n, series], which of them were recorded [n, series])."""
        for low, high, size in self.windows:
            found = [self.store.series(self.run.id, name, part, lo=low, hi=high) for name, part in self.series]
            steps = np.unique(np.concatenate([one.steps for one in found]))
            values, there = np.full((len(steps), len(found)), np.nan), np.zeros((len(steps), len(found)), bool)
            for column, one in enumerate(found):
                at = np.searchsorted(steps, one.steps)
                values[at, column] = one.values
                there[at, column] = True
            yield steps, values, there
            meter(size)


def to_csv(table: Table, path: str | os.PathLike, meter: Meter = lambda points: None) -> None:
    """Writes CSV with a header; floats so that they read back exactly. StoreError where the file cannot be written."""
    with _Replacing(table.store, path) as file, open(file, "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["step", *table.names])
        for steps, values, there in table.pieces(meter):
            for a in range(0, len(steps), _ROWS):
                part = slice(a, a + _ROWS)
                columns = [_cells(values[part, i], there[part, i]) for i in range(len(table.names))]
                writer.writerows(zip(steps[part].tolist(), *columns, strict=True))


def _cells(values: np.ndarray, there: np.ndarray) -> list[str]:
    return [repr(value) if known else "" for value, known in zip(values.tolist(), there.tolist(), strict=True)]


def to_parquet(table: Table, path: str | os.PathLike, meter: Meter = lambda points: None) -> None:
    """Writes Parquet, a row group a piece; the run itself is in the file's metadata under "barograph"."""
    import pyarrow
    import pyarrow.parquet

    run = json.dumps(asdict(table.run), ensure_ascii=False, default=str)
    fields = [pyarrow.field("step", pyarrow.int64()), *(pyarrow.field(name, pyarrow.float64()) for name in table.names)]
    schema = pyarrow.schema(fields, metadata={"barograph": run})
    with _Replacing(table.store, path) as file, pyarrow.parquet.ParquetWriter(file, schema) as out:
        for steps, values, there in table.pieces(meter):
            columns = [pyarrow.array(values[:, i], mask=~there[:, i]) for i in range(len(table.names))]
            out.write_table(pyarrow.table([pyarrow.array(steps), *columns], schema=schema))


class _Replacing:
    """`with _Replacing(store, path) as file`: writes beside `path` and takes its place when all is written."""

    def __init__(self, store: Store, path: str | os.PathLike):
        self.path = Path(path).expanduser().absolute()
        self.part = self.path.with_name(f".{self.path.name[:100]}.{os.getpid()}.part")
        if self.path.is_dir():
            raise StoreError(f"{self.path} is a folder; give the name of a file")
        if self.path.exists() and self.path.samefile(store.path):
            raise StoreError(f"{self.path} is the store itself; give another file")

    def __enter__(self) -> Path:
        try:
            self.part.touch()
        except OSError as error:
            raise StoreError(f"cannot write {self.path} ({error.strerror}); choose another place") from error
        return self.part

    def __exit__(self, kind: type | None, error: BaseException | None, _trace: object) -> None:
        if error is None:
            os.replace(self.part, self.path)
            return
        self.part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            why = f"cannot write {self.path} ({error.strerror}); free some space or choose another place"
            raise StoreError(why) from error
