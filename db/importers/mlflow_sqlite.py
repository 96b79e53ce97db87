"""MLflow's SQLite store (`mlflow.db`): each run of each experiment is a run here, its experiment the project.

Metrics come over with step and time, parameters as config, name, status and description; artifacts, models and traces
stay behind, and so do deleted runs. Where no step was given, values are counted. Read as MLflow 1.0 to 3.17 write it.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ._machinery import sqlite_file
from ._machinery.batch import Batch, Column, numbers
from ._machinery.hyperparameters import scalar
from ._machinery.lines import Meter

FORMAT = "MLflow store"
EXPECTS = "an MLflow SQLite store"
UNIT = "row"
STATES = {"FINISHED": "finished", "3": "finished"}  # the others did not come to their end
_TABLES = {
    "metrics": {"key", "value", "timestamp", "run_uuid", "step", "is_nan"},
    "params": {"key", "value", "run_uuid"},
    "runs": {"run_uuid", "name", "status", "experiment_id", "lifecycle_stage"},
    "experiments": {"experiment_id", "name"},
}
_INFINITE = 1.7976931348623157e308  # what stands for it in a column that holds none


def recognise(path: Path, head: bytes) -> bool:
    return head.startswith(sqlite_file.MAGIC) and sqlite_file.has(path, _TABLES)


def runs(path: Path) -> dict[str, str]:
    """The runs that are there and hold a metric: {id: name}."""
    sql = """SELECT run_uuid, name FROM runs WHERE lifecycle_stage IS NOT 'deleted'
             AND EXISTS (SELECT 1 FROM metrics WHERE metrics.run_uuid = runs.run_uuid) ORDER BY rowid"""
    with sqlite_file.opened(path) as connection:
        try:
            return {str(run): str(name or run) for run, name in connection.execute(sql)}
        except sqlite_file.UNREADABLE:
            return {}


def read(paths: Sequence[Path], meter: Meter, run: str) -> Iterator[Batch]:
    """The metrics of one run in the order in which they were logged."""
    with sqlite_file.opened(paths[0]) as connection:
        config, facts = _about(connection, run)
        try:
            sql = "SELECT count(*), max(step), min(step) FROM metrics WHERE run_uuid = ?"
            count, *steps = connection.execute(sql, (run,)).fetchone()
        except sqlite_file.UNREADABLE:
            count, steps = 1, [1, 0]
        counter: dict[str, int] | None = {} if steps == [0, 0] else None
        sql = "SELECT key, value, timestamp, step, is_nan FROM metrics WHERE run_uuid = ? ORDER BY rowid"
        for first, rows, failed in sqlite_file.pages(connection, sql, (run,), count, paths[0], meter):
            batch = _batch(first, rows, counter)
            batch.unread = [*batch.unread, first + len(rows)] if failed else batch.unread
            batch.config, batch.run = config, facts
            yield batch


def _batch(first: int, rows: list[tuple[Any, ...]], counter: dict[str, int] | None) -> Batch:
    at = np.arange(first, first + len(rows))
    keys, values, times, steps, nan = zip(*rows, strict=True) if rows else ((),) * 5
    step, value = numbers(np.arange(len(rows)), steps), numbers(np.arange(len(rows)), values)
    good = np.zeros(len(rows), bool)
    good[np.intersect1d(step.rows, value.rows)] = True
    if counter is not None:
        counts = np.array([_next(counter, key) for key in keys], float)
    table = np.full((2, len(rows)), math.nan)
    table[0, step.rows], table[1, value.rows] = step.values, value.values
    table[1, np.array(nan, bool)] = math.nan
    table[1] = np.where(np.abs(table[1]) >= _INFINITE, np.copysign(math.inf, table[1]), table[1])
    whole = good & (np.abs(np.nan_to_num(table[0], nan=2.0**60)) < 2**53)
    batch = Batch(at[whole], unread=at[~whole].tolist())
    batch.steps = (table[0] if counter is None else counts)[whole].astype(np.int64)
    names = list(dict.fromkeys(map(str, keys)))
    number = {name: i for i, name in enumerate(names)}
    batch.spread(names, np.array([number[str(key)] for key in keys], np.int64)[whole], table[1][whole])
    seconds = numbers(np.arange(len(rows)), times)
    if whole.all() and len(seconds.rows) == len(rows) and len(rows):
        last = np.flatnonzero(np.diff(batch.steps, append=-1))
        batch.columns["_timestamp"] = Column(last, seconds.values[last] / 1e3, np.empty(0, np.int64))
    return batch


def _next(counter: dict[str, int], key: str) -> int:
    counter[key] = counter.get(key, -1) + 1
    return counter[key]


def _about(connection: sqlite3.Connection, run: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """(parameters, what is known of the run)."""
    try:
        sql = "SELECT key, value FROM params WHERE run_uuid = ?"
        config = {str(key): scalar(str(value)) for key, value in connection.execute(sql, (run,))}
        sql = """SELECT runs.name, status, experiments.name FROM runs
                 LEFT JOIN experiments USING (experiment_id) WHERE run_uuid = ?"""
        name, status, experiment = connection.execute(sql, (run,)).fetchone()
        facts = {"state": STATES.get(str(status), "stopped"), "name": str(name or run)}
        if experiment and experiment != "Default":
            facts["project"] = str(experiment)
        if "value" in sqlite_file.columns_of(connection, "tags"):
            sql = "SELECT value FROM tags WHERE run_uuid = ? AND key = 'mlflow.note.content'"
            facts["note"] = "\n".join(str(row[0]) for row in connection.execute(sql, (run,)))
        return config, facts
    except (*sqlite_file.UNREADABLE, TypeError):
        return {}, {}
