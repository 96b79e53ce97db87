"""The CSV of a Weights & Biases chart: a column for each run, `RUN - METRIC`, with `__MIN` and `__MAX` beside it.

Each run in it is a run here. The export holds what the chart showed, so long runs are sampled in it; `run.history()`
and the `.wandb` file are not. A table of runs has no steps and is refused.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from ...errors import StoreError
from ..exchange.names import plain
from . import delimited
from ._machinery.batch import Batch
from ._machinery.lines import Meter

FORMAT = "W&B chart CSV"
EXPECTS = "a Weights & Biases chart as CSV"
_EXTREMES = ("__MIN", "__MAX")
_TABLE = {"Name", "State", "Created", "Runtime"}


def recognise(path: Path, head: bytes) -> bool:
    names = _names(head)
    return any(name.endswith(_EXTREMES[0]) and " - " in name for name in names) or set(names) >= _TABLE


def runs(path: Path) -> dict[str, str]:
    """{run: run}. Names may hold " - " themselves: the metric is what follows the last."""
    with open(path, "rb") as file:
        names = _names(file.readline(1 << 20))
    if set(names) >= _TABLE:
        raise StoreError(
            f"{plain(str(path), 300)}: a table of runs holds no steps; export a chart, or import the .wandb files"
        )
    return {run: run for name in names if (run := name.rpartition(" - ")[0]) and not name.endswith(_EXTREMES)}


def read(paths: Sequence[Path], meter: Meter, run: str) -> Iterator[Batch | None]:
    """The columns of one run, and the step's."""
    for batch in delimited.read(paths, meter):
        if batch is None:
            yield None
            continue
        mine = {name: column for name, column in batch.columns.items() if " - " not in name}
        for name, column in batch.columns.items():
            whose, _, metric = name.rpartition(" - ")
            if whose == run and not name.endswith(_EXTREMES):
                mine[metric] = column
        batch.columns = mine
        yield batch


def _names(head: bytes) -> list[str]:
    line = head.partition(b"\n")[0].decode("utf-8-sig", "replace")
    try:
        return [name.strip() for name in next(csv.reader([line]), [])]
    except csv.Error:
        return []
