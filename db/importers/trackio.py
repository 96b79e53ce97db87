"""Trackio's local store, one SQLite file a project (`~/.cache/huggingface/trackio/PROJECT.db`).

Every logged step of each run comes over, with time and config; media, alerts and system metrics stay behind.
Tables are those of Trackio 0.1 (runs known by name) to 0.43 (by id).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ._machinery import sqlite_file
from ._machinery.batch import Batch, numbers
from ._machinery.lines import Meter
from .json_lines import columns_of, row_of

FORMAT = "Trackio store"
EXPECTS = "a Trackio store"
UNIT = "row"
_TABLES = {"metrics": {"id", "timestamp", "run_name", "step", "metrics"}}


def recognise(path: Path, head: bytes) -> bool:
    return head.startswith(sqlite_file.MAGIC) and sqlite_file.has(path, _TABLES)


def runs(path: Path) -> dict[str, str]:
    """{id: name}, oldest first."""
    with sqlite_file.opened(path) as connection:
        try:
            sql = f"SELECT {_key(connection)}, run_name FROM metrics GROUP BY 1 ORDER BY min(id)"
            return {str(run): str(name) for run, name in connection.execute(sql)}
        except sqlite_file.UNREADABLE:
            return {}


def read(paths: Sequence[Path], meter: Meter, run: str) -> Iterator[Batch]:
    """The rows of one run in the order in which they were logged."""
    with sqlite_file.opened(paths[0]) as connection:
        try:
            key = _key(connection)
            count = connection.execute(f"SELECT count(*) FROM metrics WHERE {key} = ?", (run,)).fetchone()[0]
        except sqlite_file.UNREADABLE:
            key, count = "run_name", 1
        config, facts = _config(connection, key, run), {"project": paths[0].stem}
        sql = f"SELECT step, timestamp, metrics FROM metrics WHERE {key} = ? ORDER BY id"
        for first, rows, failed in sqlite_file.pages(connection, sql, (run,), count, paths[0], meter):
            batch = _batch(first, rows)
            batch.unread = [*batch.unread, first + len(rows)] if failed else batch.unread
            batch.config, batch.run = config | batch.config, facts
            yield batch


def _key(connection: sqlite3.Connection) -> str:
    return "run_id" if "run_id" in sqlite_file.columns_of(connection, "metrics") else "run_name"


def _batch(first: int, rows: list[tuple[Any, ...]]) -> Batch:
    objects = [row_of(metrics) for _, _, metrics in rows]
    steps = numbers(np.arange(len(rows)), [step for step, _, _ in rows])
    whole = set(steps.rows[np.abs(steps.values) < 2**53].tolist())
    good = [i for i, found in enumerate(objects) if type(found) is dict and i in whole]
    unread = [first + i for i in sorted(set(range(len(rows))).difference(good))]
    batch = Batch(first + np.array(good, np.int64), unread=unread)
    batch.steps = np.array([int(rows[i][0]) for i in good], np.int64)
    columns_of(batch, [objects[i] for i in good])
    batch.columns.pop("_timestamp", None)
    batch.put("_timestamp", np.arange(len(good)), [rows[i][1] for i in good])
    return batch


def _config(connection: sqlite3.Connection, key: str, run: str) -> dict[str, Any]:
    """What the run was begun with; Trackio's own entries begin with an underscore."""
    try:
        if not {key, "config"} <= sqlite_file.columns_of(connection, "configs"):
            return {}
        rows = connection.execute(f"SELECT config FROM configs WHERE {key} = ?", (run,)).fetchall()
    except sqlite_file.UNREADABLE:
        return {}
    found = row_of(rows[-1][0]) if rows else {}
    return {k: v for k, v in found.items() if not k.startswith("_")} if isinstance(found, dict) else {}
