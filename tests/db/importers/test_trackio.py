"""What Trackio 0.43.0 and its elders left behind."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest

from barograph.db import Store
from barograph.db.importers import find, take_in
from tests.db.importers.written import bring, points, unpacked


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "runs.db")
    yield opened
    opened.close()


def test_trackio(store, tmp_path):
    run = store.run(bring(store, unpacked("trackio", tmp_path / "tests.db")).run.id)
    assert (run.name, run.project) == ("my-run", "tests")
    assert run.config == {"model": "gpt", "batch_size": 32, "optim": {"lr": 1e-3, "betas": [0.9, 0.95]}}
    found = points(store, run.id)
    assert found["nan"] == ([100], ["nan"]) and found["nest/a"] == ([100], ["1.5"])
    assert "time" in found and "words" not in found


def test_trackio_of_old_knew_runs_by_name(store, tmp_path):
    path = tmp_path / "old.db"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as raw:
        columns = "id INTEGER PRIMARY KEY, timestamp TEXT, run_name TEXT, step INTEGER, metrics TEXT"
        raw.execute(f"CREATE TABLE metrics ({columns})")
        for n in range(6):
            row = (f"2025-08-01T10:00:{n:02}", "'; DROP TABLE runs; --" if n % 2 else "b", n, '{"loss": 1.5}')
            raw.execute("INSERT INTO metrics (timestamp, run_name, step, metrics) VALUES (?, ?, ?, ?)", row)
    sources, _ = find([path])
    runs = {source.name: take_in(store, source).run.id for source in sources}
    assert set(runs) == {"b", "'; DROP TABLE runs; --"} and len(store.runs()) == 2
    assert points(store, runs["b"])["time"] == ([0, 2, 4], ["0.0", "2.0", "4.0"])
