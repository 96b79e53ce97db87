"""MLflow's file store (`mlruns/EXPERIMENT/RUN/metrics/NAME`): the folder of a run is a run here.

Metrics, parameters, name, status, description and the experiment's name come over; artifacts stay behind, and so do
deleted runs. No path that stands in the store is followed. A metric's lines are `milliseconds value step`.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import StoreError
from ..exchange.names import plain
from ._machinery import lines
from ._machinery.batch import Batch, Column
from ._machinery.hyperparameters import parse, scalar
from ._machinery.lines import Meter
from .mlflow_sqlite import STATES

FORMAT = "MLflow folder"
EXPECTS = "an MLflow folder of runs"
_ROWS = 50_000
_LONGEST = 1 << 16  # bytes of a parameter
_DEEPEST = 8  # a metric called "a/b/c" lies in folders of its own


@dataclass
class _Metric:
    """One metric's file, and how far it has been read."""

    name: str
    path: Path
    counted: int | None = None  # where no step was given, values are counted
    unread: list[int] = field(default_factory=list)
    last: int = 0

    def rows(self, number: int, meter: Meter) -> Iterator[tuple[float, int, int, float]]:
        """(milliseconds, number, step, value) of each line; the file is open only while a piece of it is read."""
        for piece in lines.read(self.path, meter, keep_open=False):
            if piece is None:
                continue
            for line, text in enumerate(piece.lines, piece.first):
                try:
                    time, value, step = text.split()
                    row = float(time), number, int(step) if self.counted is None else self.counted, float(value)
                    if not piece.whole or abs(row[2]) >= 2**53 or not row[0] < 1e18:
                        raise ValueError
                except ValueError:
                    if text.strip():
                        self.unread.append(line)
                    continue
                self.last = line
                if self.counted is not None:
                    self.counted += 1
                yield row


def recognise(path: Path, head: bytes) -> bool:
    return _run_of(path) is not None


def home(path: Path) -> Path:
    return _run_of(path) or path.parent


def read(paths: Sequence[Path], meter: Meter) -> Iterator[Batch]:
    """The metrics of one run, merged in the order in which they were logged."""
    folder = home(paths[0])
    facts, config, metrics = _about(folder, paths, meter)
    files = [metric.rows(number, meter) for number, metric in enumerate(metrics)]
    merged, first = heapq.merge(*files), 1
    while rows := list(islice(merged, _ROWS)):
        times, which, steps, values = (np.array(column) for column in zip(*rows, strict=True))
        steps = steps.astype(np.int64)
        batch = Batch(np.arange(first, first + len(rows)), config=config, run=facts, steps=steps)
        batch.spread([metric.name for metric in metrics], which, values.astype(float))
        last = np.flatnonzero(np.diff(steps, append=-1))
        batch.columns["_timestamp"] = Column(last, times[last] / 1e3, np.empty(0, np.int64))
        first += len(rows)
        yield batch
    for metric in metrics:
        if metric.unread:  # its last good line says whether these are its end
            here = np.array([metric.last])
            yield Batch(here, unread=metric.unread, steps=np.zeros(1, np.int64), file=metric.name)


def _run_of(path: Path) -> Path | None:
    """The run's folder, of its `meta.yaml` or of a file below its metrics/, params/ or tags/."""
    for folder in list(path.parents)[:_DEEPEST]:
        if _is_run(folder):
            inside = path.relative_to(folder).parts
            return folder if inside == ("meta.yaml",) or inside[0] in ("metrics", "params", "tags") else None
    return None


@cache
def _is_run(folder: Path) -> bool:
    return (folder / "metrics").is_dir() and (folder / "meta.yaml").is_file()


def _about(folder: Path, paths: Sequence[Path], meter: Meter) -> tuple[dict[str, Any], dict[str, Any], list[_Metric]]:
    """(what is known of the run, parameters, metrics)."""
    meta = parse(_text(folder / "meta.yaml"))
    if meta.get("lifecycle_stage") == "deleted":
        raise StoreError(f"{plain(str(folder), 300)}: this run was deleted in MLflow; restore it there to import it")
    name, note = meta.get("run_name"), ""
    experiment = parse(_text(folder.parent / "meta.yaml")).get("name")
    config, metrics = {}, []
    for path in paths:
        kind, *rest = path.relative_to(folder).parts
        key = "/".join(rest)
        if kind == "metrics":
            metrics.append(_Metric(key, path))
            continue
        meter(path.stat().st_size)
        if kind == "params":
            config[key] = scalar(_text(path))
        elif key == "mlflow.note.content":
            note = _text(path)
        elif key == "mlflow.runName":
            name = name or _text(path)
    if not any(map(_steps, metrics)):
        for metric in metrics:
            metric.counted = 0
    facts = {"name": str(name or folder.name), "note": note, "state": STATES.get(str(meta.get("status")), "stopped")}
    if experiment and experiment != "Default":
        facts["project"] = str(experiment)
    return facts, config, metrics


def _steps(metric: _Metric) -> bool:
    """Whether the last line has another step than 0, which is what MLflow writes where none was given."""
    with open(metric.path, "rb") as file:
        file.seek(max(0, metric.path.stat().st_size - _LONGEST))
        return any(not line.endswith(b" 0") for line in file.read().split(b"\n") if line)


def _text(path: Path) -> str:
    """What a small file holds; nothing where it is a link, which may lead anywhere."""
    try:
        if path.is_symlink():
            return ""
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(_LONGEST)
    except OSError:
        return ""
