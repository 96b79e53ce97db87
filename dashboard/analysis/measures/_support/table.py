"""Evaluations of tasks from a CSV table, with the visits in a second file or in its `#` lines.

    step,task,accuracy,n,n_invalid                  n and n_invalid may be missing; a further column is another
    0,a,0.10,1000,0                                 metric of the same evaluation, e.g. loss or gold
    ...
and `task,start,end` with those names as its header, one line for each visit, in a file of its own or in lines of the
table that begin with `#`:
    # task,start,end                                (this header line may be missing in `#` lines)
    # a,0,100
    # b,100,                                        no end: still being learned

`start` is the step after which the task's training begins (0 at the very beginning) and `end` its last step, so the
end of one is the start of the next; a start one above the end before it is understood. `x,0,0`: learned before.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .....errors import InvalidInput
from .tasks import Evaluations, Visit

NEEDED, COUNTS, VISIT = ("step", "task", "accuracy"), ("n", "n_invalid"), ("task", "start", "end")


def read(matrix: str | Path, boundaries: str | Path | None = None, *, fixed: bool = False) -> Evaluations:
    """The record in a table and its boundaries. Raises ValueError, in one sentence, for what cannot be understood."""
    lines = _lines(Path(matrix))
    marked = [(number, line.lstrip().lstrip("#").strip()) for number, line in lines if line.lstrip().startswith("#")]
    rows = [(number, line) for number, line in lines if not line.lstrip().startswith("#")]
    if boundaries is not None:
        visits = _visits(
            boundaries, [(n, line.lstrip().lstrip("#").strip()) for n, line in _lines(Path(boundaries))], True
        )
    else:
        visits = _visits(matrix, marked, False)
    if not visits:
        raise InvalidInput(f"{matrix}: no task boundaries; give a second file `task,start,end`, or lines `# a,0,100`")
    if not rows:
        raise InvalidInput(f"{matrix}: an empty table; expected the header step,task,accuracy[,n,n_invalid] and rows")
    header = [name.strip().lower() for name in next(csv.reader([rows[0][1]]))]
    missing = [name for name in NEEDED if name not in header]
    if missing or len(set(header)) < len(header):
        what = f"no column {missing[0]!r}" if missing else "a column twice"
        raise InvalidInput(
            f"{matrix}: {what} in the header {','.join(header)!r}; expected step,task,accuracy[,n,n_invalid]"
        )
    columns: dict[str, list[Any]] = {name: [] for name in header}
    for number, line in rows[1:]:
        cells = next(csv.reader([line]))
        if len(cells) != len(header):
            raise InvalidInput(f"{matrix}, line {number}: {len(cells)} cells, expected {len(header)} as in the header")
        for name, cell in zip(header, cells, strict=True):
            columns[name].append(_cell(matrix, number, name, cell.strip()))
    steps, tasks, values = (columns.pop(name) for name in NEEDED)
    counts = {name: columns.pop(name) for name in COUNTS if name in columns}
    return Evaluations.of(steps, tasks, values, visits=visits, also=columns, fixed=fixed, strict=True, **counts)


def _lines(path: Path) -> list[tuple[int, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise InvalidInput(f"{path} cannot be read: {problem.strerror or problem}") from None
    except UnicodeDecodeError:
        raise InvalidInput(f"{path} is not a text file: expected a CSV table in UTF-8") from None
    return [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def _cell(where: str | Path, line: int, name: str, cell: str) -> object:
    if name == "task":
        if not cell:
            raise InvalidInput(f"{where}, line {line}: no task; expected its name")
        return cell
    if not cell and name != "step":
        return float("nan")
    try:
        number = float(cell)
    except ValueError:
        raise InvalidInput(f"{where}, line {line}: {name} is {cell!r}, expected a number") from None
    if name == "step" and number != int(number if abs(number) < 1e18 else 0.5):
        raise InvalidInput(f"{where}, line {line}: step is {cell!r}, expected a whole number")
    return int(number) if name == "step" else number


def _visits(where: str | Path, lines: Iterable[tuple[int, str]], all_of_them: bool) -> list[Visit]:
    """Of a file every line is a visit; of `#` lines those of three cells whose last two are steps."""
    found = []
    for number, line in lines:
        cells = [cell.strip() for cell in next(csv.reader([line]), [])]
        if tuple(cell.lower() for cell in cells) == VISIT:
            continue
        steps = len(cells) == 3 and cells[1].isdigit() and (cells[2].isdigit() or not cells[2])
        if steps and cells[0]:
            found.append(Visit(cells[0], int(cells[1]), int(cells[2]) if cells[2] else None))
        elif all_of_them or (len(cells) == 3 and any(char.isdigit() for char in "".join(cells[1:]))):
            raise InvalidInput(
                f"{where}, line {number}: {line!r} is no boundary; expected task,start,end with whole steps from 0 on "
                "(no end: still being learned)"
            )
    return found
