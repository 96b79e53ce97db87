"""CSV and its kin (tabs, semicolons): a header that names the columns, a row a step, empty cells for nothing."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from ..exchange.read_notes import read_beside
from ._machinery import lines
from ._machinery.batch import Batch
from ._machinery.hyperparameters import beside
from ._machinery.lines import Lines, Meter
from ._machinery.roles import telling

FORMAT = "CSV"
PLAIN = True
EXPECTS = "CSV or TSV whose first line names a step or a loss column"


def recognise(path: Path, head: bytes) -> bool:
    """Whether the file begins with a header that names a step or a loss."""
    found = _header(lines.head(head))
    return found is not None and telling(found[1])


def read(paths: Sequence[Path], meter: Meter) -> Iterator[Batch | None]:
    """The rows of the file; a row with another number of cells than the header is unread.

    Lightning keeps the hyper-parameters beside its metrics.csv.
    """
    header: tuple[str, list[str], int] | None = None
    config, notes = beside(paths[0]), read_beside(paths[0])
    for piece in lines.read(paths[0], meter):
        if piece is None:
            yield None
            continue
        if header is None:
            header = _header(piece.lines)
            if header is None:
                yield Batch(np.empty(0, np.int64), unread=[piece.first])
                continue
            piece = Lines(piece.first + header[2], piece.lines[header[2] :], piece.whole)
        batch = _batch(piece, header[0], header[1])
        batch.config, config = config, {}
        batch.notes, notes = notes, []
        yield batch


def _header(found: list[str]) -> tuple[str, list[str], int] | None:
    """(delimiter, names, lines up to the first row), or None. A comment right above the numbers is a header, too."""
    comment, comment_at = "", 0
    for at, line in enumerate(found):
        if line.startswith("#"):
            comment, comment_at = line.lstrip("# "), at
        elif line.strip():
            if comment and comment_at == at - 1 and _is_number(line.replace(";", ",").replace("\t", ",").split(",")[0]):
                line, at = comment, comment_at
            delimiter = max(",\t;|", key=line.count)
            names = [name.strip() for name in _cells([line], delimiter)[0]]
            return (delimiter, names, at + 1) if any(names) else None
    return None


def _batch(piece: Lines, delimiter: str, names: list[str]) -> Batch:
    rows, at, unread = [], [], []
    for line, cells in _records(piece, delimiter, len(names)):
        if cells is None:
            unread.append(line)
        elif [cell.strip() for cell in cells] != names:  # a header in between is a restart of the logger
            rows.append(cells)
            at.append(line)
    batch = Batch(np.array(at, np.int64), unread=unread)
    for i, (name, column) in enumerate(zip(names, zip(*rows, strict=True), strict=False)):
        if name or i:  # a first column without a name is a table's own index
            batch.put(name or f"column {i + 1}", np.arange(len(rows)), column)
    return batch


def _records(piece: Lines, delimiter: str, width: int) -> Iterator[tuple[int, list[str] | None]]:
    """(number of the line, its cells, None for a line that is no row). A quoted cell may span lines."""
    start = 0
    while start < len(piece.lines):
        rest = (f"{piece.lines[i]}\n" for i in range(start, len(piece.lines)))
        reader = csv.reader(rest, delimiter=delimiter, strict=True)
        begun = 0  # lines of this reader that lie behind
        while True:
            at = start + begun
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                cells = ["?"] * (width + 1)
            if len(cells) == width:
                last = not piece.whole and start + reader.line_num == len(piece.lines)
                yield piece.first + at, None if last and _cut(cells[-1]) else cells
            elif "".join(cells).strip() and not cells[0].startswith("#"):
                yield piece.first + at, None
                if reader.line_num > begun + 1:  # a stray quote swallowed lines: begin again behind the first of them
                    break
            begun = reader.line_num
        start = at + 1


def _cells(line: list[str], delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(line, delimiter=delimiter)) or [[]]
    except csv.Error:
        return [[]]


def _cut(cell: str) -> bool:
    """Whether a last cell without a line's end stops in the middle of a number."""
    return bool(cell) and cell[-1] in "+-.eE"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
