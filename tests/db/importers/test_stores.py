"""What MLflow 3.17.2, Trackio 0.43.0 and Lightning 2.6.6 left behind."""

from __future__ import annotations

import contextlib
import math
import sqlite3

import pytest

from barograph.db import Store
from barograph.db.importers import find, take_in
from barograph.errors import StoreError
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


def test_mlflow_in_files(store, tmp_path):
    sources, refused = find([unpacked("mlflow_files", tmp_path / "mlruns")])
    said, runs = [], {}
    for source in sources:
        try:
            done = take_in(store, source)
            runs[done.run.name] = store.run(done.run.id)
        except StoreError as error:
            said.append(str(error))
    assert set(runs) == {"my-run", "no steps"} and len(said) == 1 and "deleted in MLflow" in said[0]
    run = runs["my-run"]
    assert (run.project, run.note, run.state, run.config) == ("tests", "a <b>note</b>", "finished", PARAMETERS)
    assert points(store, run.id)["odd"] == ([100, 101, 102], ["nan", "inf", "-inf"])
    assert points(store, runs["no steps"].id)["loss"] == (list(range(5)), [repr(1 / (n + 1)) for n in range(5)])


def test_runs_without_steps_are_counted(store, tmp_path):
    path = unpacked("mlflow_sqlite", tmp_path / "mlflow.db")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("UPDATE metrics SET step = 0")
    run = bring(store, path).run.id
    assert store.series(run, "loss").steps.tolist() == list(range(200))
    assert store.series(run, "val_loss").steps.tolist() == list(range(4))


def test_a_damaged_line_of_one_metric_is_named(store, tmp_path):
    folder = unpacked("mlflow_files", tmp_path / "mlruns")
    (metric,) = folder.glob("*/*/metrics/train/loss")
    lines = metric.read_text().splitlines()
    metric.write_text("\n".join([*lines[:7], "nonsense", *lines[8:]]) + "\n")
    done = bring(store, metric.parent.parent.parent)
    assert "line 8 of train/loss could not be read" in done.sentence
    assert len(store.series(done.run.id, "loss")) == 199 and len(store.series(done.run.id, "lr", ("0",))) == 200


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


def test_rows_that_are_no_numbers_cost_themselves(store, tmp_path):
    path = unpacked("mlflow_sqlite", tmp_path / "mlflow.db")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("UPDATE metrics SET value = '<script>' WHERE key = 'train/loss' AND step = 7")
        raw.execute("UPDATE metrics SET step = 9e18 WHERE key = 'train/loss' AND step = 8")
    done = bring(store, path)
    assert "2 records, from row" in done.sentence and not done.complete
    assert len(store.series(done.run.id, "loss")) == 198


def test_lightning_csv_with_its_hyper_parameters(store, tmp_path):
    folder = unpacked("lightning_csv", tmp_path / "csv")
    run = store.run(bring(store, folder / "version_0" / "metrics.csv").run.id)
    found = points(store, run.id)
    assert run.name == "version_0" and run.config == {"width": 4, "optim": "adamw"}
    assert found["loss"][0] == [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23] and found["val_loss"][0] == [7, 15, 23]
    assert set(map(float, found[("lr", "0")][1])) == {1e-3, 5e-4, 2.5e-4}


def test_lightning_in_tensorboard(store, tmp_path):
    folder = unpacked("lightning_tb", tmp_path / "tb")
    sources, _ = find([folder])
    (source,) = sources
    run = store.run(take_in(store, source).run.id)
    found = points(store, run.id)
    assert run.name == "tb/version_0" and run.config["width"] == 4 and run.config["optim"] == "adamw"
    assert len(found["loss"][0]) == 12 and len(found["val_loss"][0]) == 3
    assert [float(v) for v in found[("lr", "0")][1]][::4] == pytest.approx([1e-3, 5e-4, 2.5e-4])
    assert not any(math.isnan(float(v)) for v in found["loss"][1])
