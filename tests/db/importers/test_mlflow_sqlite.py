"""What MLflow 3.17.2 left in SQLite."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest

from barograph.db import Store
from tests.db.importers.written import bring, points, unpacked

PARAMETERS = {"model": "gpt", "batch_size": 32, "lr": 0.001, "decay": True, "none": None}


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "runs.db")
    yield opened
    opened.close()


def test_mlflow_in_sqlite(store, tmp_path):
    run = store.run(bring(store, unpacked("mlflow_sqlite", tmp_path / "mlflow.db")).run.id)
    assert (run.name, run.project, run.note, run.state) == ("my-run", "tests", "a <b>note</b>", "finished")
    assert run.config == PARAMETERS and run.started > 1.7e9
    found = points(store, run.id)
    assert found["odd"] == ([100, 101, 102], ["nan", "inf", "-inf"])
    assert set(found) == {"loss", ("lr", "0"), "tokens", "val_loss", "time", "odd"}


def test_runs_without_steps_are_counted(store, tmp_path):
    path = unpacked("mlflow_sqlite", tmp_path / "mlflow.db")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("UPDATE metrics SET step = 0")
    run = bring(store, path).run.id
    assert store.series(run, "loss").steps.tolist() == list(range(200))
    assert store.series(run, "val_loss").steps.tolist() == list(range(4))


def test_rows_that_are_no_numbers_cost_themselves(store, tmp_path):
    path = unpacked("mlflow_sqlite", tmp_path / "mlflow.db")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("UPDATE metrics SET value = '<script>' WHERE key = 'train/loss' AND step = 7")
        raw.execute("UPDATE metrics SET step = 9e18 WHERE key = 'train/loss' AND step = 8")
    done = bring(store, path)
    assert "2 records, from row" in done.sentence and not done.complete
    assert len(store.series(done.run.id, "loss")) == 198
