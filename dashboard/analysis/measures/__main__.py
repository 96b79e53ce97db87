"""Every measure of tasks of a table.

    python -m barograph.dashboard.analysis.measures MATRIX.csv [BOUNDARIES.csv] [--fixed] [--json]

MATRIX.csv: `step,task,accuracy[,n,n_invalid]` and perhaps further metrics (`loss`, `gold`), a row for each evaluation.
BOUNDARIES.csv: `task,start,end`, a row for each visit; without it, lines of the table that begin with `#`. Start: the
step after which the task's training begins. See `table.py`.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from enum import Enum

import numpy as np

from . import discover
from ._support.result import MeasureResult, as_columns
from ._support.table import read


def plain(thing: object) -> object:
    """As JSON has it: NaN and infinity become null."""
    if isinstance(thing, dict):
        return {str(key): plain(one) for key, one in thing.items()}
    if isinstance(thing, list | tuple | np.ndarray):
        return [plain(one) for one in thing]
    if isinstance(thing, Enum):
        return thing.name.lower()
    if isinstance(thing, float | np.floating):
        return float(thing) if np.isfinite(thing) else None
    return thing.item() if isinstance(thing, np.generic) else thing


def said(result: MeasureResult) -> object:
    """A result as a dictionary of plain values."""
    return plain({**vars(result), "rows": [as_columns(row) for row in result.rows], "per_task": dict(result.per_task)})


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m barograph.dashboard.analysis.measures",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("matrix", metavar="MATRIX.csv")
    parser.add_argument("boundaries", metavar="BOUNDARIES.csv", nargs="?")
    parser.add_argument("--fixed", action="store_true", help="each task is evaluated on the same examples every time")
    parser.add_argument("--json", action="store_true", help="one line of JSON, with the terms of each task and details")
    options = parser.parse_args(arguments)
    try:
        record = read(options.matrix, options.boundaries, fixed=options.fixed)
    except ValueError as problem:
        print(problem, file=sys.stderr)
        return 1
    found = {name: measure(record) for name, measure in discover().items()}
    if options.json:
        about = {"tasks": record.tasks, "evaluations": len(record.step), "cadence": record.cadence()}
        about["visits"] = [asdict(visit) for visit in record.begun]
        results = {name: said(result) for name, result in found.items()}
        print(json.dumps(plain({**about, "notes": record.notes, "measures": results})))
        return 0
    for note in record.notes:
        print(f"# {note}")
    for name, result in found.items():
        noise = f" +- {result.error:.4f}" if np.isfinite(result.error) else ""
        bias = f" (noise bias {result.bias:+.4f})" if np.isfinite(result.bias) else ""
        value = f"{result.value:.6g}{noise}{bias}" if result.measured else "not measured"
        print(f"{name:24} {value}{'; ' + result.note if result.note else ''}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
