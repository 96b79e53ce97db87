"""A run as a table for other tools: a row a step, a column a series, as CSV, Parquet or JSON lines, in bounded memory.

An empty cell (CSV), a null (Parquet) or a missing name (JSON) is a step at which that series was not recorded; NaN and
inf are values. What is known of the run beside its points goes along as notes (see `notes.py`): in a file beside the
CSV, in Parquet's metadata, as the first JSON lines. Forecasts and findings are left out: they are computed again.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...errors import StoreError
from ...families import largest
from ...keys import SeriesKey
from ...spreadsheet import defused
from ..exchange.names import plain
from ..exchange.notes import MARK, beside, notes
from ..reading.descriptions import recorded
from ..records import Run

if TYPE_CHECKING:
    from ..store import Store

MOST = 20_000  # columns
CELLS = 2_000_000  # of the table, held in memory at once
_ROWS = 1000  # of them turned into text at once
Meter = Callable[[int], None]  # is given the points written since it was last called
Window = tuple[int, int, int]  # first step, last step, about how many points
_TAKEN = ("step", "wall_time", MARK)  # names that no series' column can have


class Table:
    """The surviving line of a run as a wide table; `signals` chooses some (NotRecorded for one that it does not have).

    The evaluations of that line are columns of it, too, `task/metric` each, unless signals were chosen.
    """

    def __init__(self, store: Store, run: Run, signals: Sequence[str] = ()):
        found = store.signals(run.id)
        self.store, self.run = store, run
        self.series = [(name, part) for name in recorded(found, signals, run.name) for part in found[name].parts]
        if len(self.series) > MOST:
            alike, count = largest((name, *part) for name, part in self.series)
            raise StoreError(
                f"run {run.name!r} has {len(self.series):,} series, too many for a table ({count:,} are called like "
                f"{alike!r}); choose some with --signal"
            )
        self.scores = {} if signals else self._scores()
        self.columns: dict[str, SeriesKey | None] = {}
        for name, part in self.series:
            self.columns[self._free("/".join((name, *part)))] = (name, *part) if part else name
        for name in self.scores:
            self.columns[self._free(name)] = None
        self.names = list(self.columns)
        self.points = 0
        self._extents: list[tuple[int, int]] = []  # of each series: its first and its last step
        self.windows = list(self._windows())

    def notes(self, written: Callable[[str], str] = str) -> Iterator[str]:
        """What goes along with the points, a JSON object each; `written`: how a format writes the names of columns."""
        for note in notes(self.store, self.run, {written(name): key for name, key in self.columns.items()}):
            yield json.dumps({MARK: note}, default=str)

    def _free(self, name: str) -> str:
        """A name that every format takes: printable, not too long, without a delimiter of tables, no other's."""
        name = plain(name.replace(";", "/").replace("|", "/"))
        unique, n = name, 1
        while unique in self.columns or unique in _TAKEN:
            n += 1
            unique = f"{name} ({n})"
        return unique

    def _scores(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """The surviving line's evaluations: {name: (steps, values)}."""
        line = {piece.attempt: piece for piece in self.store.lineage(self.run.id)}
        found: dict[str, dict[int, float]] = {}
        for one in self.store.evaluations(self.run.id):
            piece = line.get(one.attempt)
            if piece and piece.low < one.step <= piece.high:
                words = (one.task, one.subset, one.metric, "" if one.weights == "raw" else one.weights)
                found.setdefault("/".join(word for word in words if word), {})[one.step] = one.value
        return {name: (np.array(list(at), np.int64), np.array(list(at.values()), float)) for name, at in found.items()}

    def _windows(self) -> Iterator[Window]:
        """Stretches of steps that hold few enough points: cut along the buckets of all the series together."""
        ends, counts = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        first: list[int] = []
        for name, part in self.series:
            buckets = self.store.buckets(self.run.id, name, part, width=200)
            ends.append(buckets.last)
            counts.append(buckets.n.astype(np.int64))
            first += buckets.first[:1].tolist()
            self._extents.append((int(buckets.first[0]), int(buckets.last[-1])) if len(buckets) else (0, -1))
        for steps, _ in self.scores.values():
            ends.append(steps)
            counts.append(np.ones(len(steps), np.int64))
            first += steps[:1].tolist()
        end, at = np.unique(np.concatenate(ends), return_inverse=True)
        total = np.cumsum(np.bincount(at, np.concatenate(counts), len(end))).astype(np.int64)
        self.points = int(total[-1]) if len(total) else 0
        most = max(CELLS // max(len(self.names), 1), 1)
        start, done, i = min(first, default=0), 0, 0
        while i < len(end):
            rows = np.minimum(total[i:] - done, end[i:] - start + 1)
            i += max(int(np.searchsorted(rows, most, side="right")), 1)
            yield start, int(end[i - 1]), int(total[i - 1]) - done
            start, done = int(end[i - 1]) + 1, int(total[i - 1])

    def pieces(self, meter: Meter) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Yields (steps [n], values [n, series], which of them were recorded [n, series])."""
        for low, high, size in self.windows:
            columns = []
            for (name, part), (first, last) in zip(self.series, self._extents, strict=True):
                if first > high or last < low:  # of many series most are short
                    columns.append((np.empty(0, np.int64), np.empty(0)))
                else:
                    found = self.store.series(self.run.id, name, part, lo=low, hi=high)
                    columns.append((found.steps, found.values))
            for steps, values in self.scores.values():
                a, b = np.searchsorted(steps, [low, high + 1])
                columns.append((steps[a:b], values[a:b]))
            rows = np.unique(np.concatenate([steps for steps, _ in columns]))
            cells, there = np.full((len(rows), len(columns)), np.nan), np.zeros((len(rows), len(columns)), bool)
            for column, (steps, values) in enumerate(columns):
                at = np.searchsorted(rows, steps)
                cells[at, column] = values
                there[at, column] = True
            yield rows, cells, there
            meter(size)


def to_csv(table: Table, path: str | os.PathLike[str], meter: Meter = lambda points: None) -> None:
    """Writes CSV with a header; floats so that they read back exactly. StoreError where the file cannot be written.

    A column's name that a spreadsheet would run is defused; the notes know whose it is.
    """
    with Replacing(table.store, path) as file, open(file, "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["step", *map(defused, table.names)])
        for steps, values, there in table.pieces(meter):
            for a in range(0, len(steps), _ROWS):
                part = slice(a, a + _ROWS)
                columns = [_cells(values[part, i], there[part, i]) for i in range(len(table.names))]
                writer.writerows(zip(steps[part].tolist(), *columns, strict=True))
    with Replacing(table.store, beside(Path(path))) as file, open(file, "w", encoding="utf-8") as out:
        out.writelines(f"{note}\n" for note in table.notes(defused))


def _cells(values: np.ndarray, there: np.ndarray) -> list[str]:
    return [repr(value) if known else "" for value, known in zip(values.tolist(), there.tolist(), strict=True)]


def to_parquet(table: Table, path: str | os.PathLike[str], meter: Meter = lambda points: None) -> None:
    """Writes Parquet, a row group a piece; the notes are in the file's metadata under "barograph", one a line."""
    import pyarrow
    import pyarrow.parquet

    fields = [pyarrow.field("step", pyarrow.int64()), *(pyarrow.field(name, pyarrow.float64()) for name in table.names)]
    schema = pyarrow.schema(fields, metadata={MARK: "\n".join(table.notes())})
    with Replacing(table.store, path) as file, pyarrow.parquet.ParquetWriter(file, schema) as out:
        for steps, values, there in table.pieces(meter):
            columns = [pyarrow.array(values[:, i], mask=~there[:, i]) for i in range(len(table.names))]
            out.write_table(pyarrow.table([pyarrow.array(steps), *columns], schema=schema))


def to_jsonl(table: Table, path: str | os.PathLike[str], meter: Meter = lambda points: None) -> None:
    """Writes JSON lines, an object a step; what is not finite as the texts "NaN", "Infinity" and "-Infinity"."""
    names = [json.dumps(name) for name in table.names]
    with Replacing(table.store, path) as file, open(file, "w", encoding="utf-8") as out:
        out.writelines(f"{note}\n" for note in table.notes())
        for steps, values, there in table.pieces(meter):
            for a in range(0, len(steps), _ROWS):
                part = slice(a, a + _ROWS)
                columns = [_members(name, values[part, i], there[part, i]) for i, name in enumerate(names)]
                for step, *cells in zip(steps[part].tolist(), *columns, strict=True):
                    out.write(f'{{"step": {step}{"".join(cells)}}}\n')


def _members(name: str, values: np.ndarray, there: np.ndarray) -> list[str]:
    """`, "name": value` for each value, "" where there is none."""
    finite = np.isfinite(values).tolist()
    return [
        (f", {name}: {value!r}" if known else f', {name}: "{_ODD[repr(value)]}"') if recorded else ""
        for value, known, recorded in zip(values.tolist(), finite, there.tolist(), strict=True)
    ]


_ODD = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


class Replacing:
    """`with Replacing(store, path) as file`: writes beside `path` and takes its place when all is written."""

    def __init__(self, store: Store, path: str | os.PathLike[str]):
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
