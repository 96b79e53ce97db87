"""Another tool's SQLite file is read and neither changed nor trusted."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest

from barograph.db import Store
from barograph.db.importers import find
from tests.db.importers.written import bring, unpacked


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "runs.db")
    yield opened
    opened.close()


def test_another_tools_database_is_not_changed(store, tmp_path):
    for name in ("mlflow_sqlite", "trackio"):
        path = unpacked(name, tmp_path / f"{name}.db")
        before = path.read_bytes()
        bring(store, path)
        assert path.read_bytes() == before


def test_a_view_in_place_of_a_table_is_not_run(tmp_path):
    path = tmp_path / "bomb.db"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as raw:
        endless = "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT n FROM t"
        columns = "n AS id, n AS timestamp, n AS run_name, n AS step, n AS metrics"
        raw.execute(f"CREATE VIEW metrics AS SELECT {columns} FROM ({endless})")
    sources, (sentence,) = find([path])
    assert sources == [] and "no log" in sentence
