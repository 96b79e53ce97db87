"""What MLflow 3.17.2 left in files."""

from __future__ import annotations

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


def test_a_damaged_line_of_one_metric_is_named(store, tmp_path):
    folder = unpacked("mlflow_files", tmp_path / "mlruns")
    (metric,) = folder.glob("*/*/metrics/train/loss")
    lines = metric.read_text().splitlines()
    metric.write_text("\n".join([*lines[:7], "nonsense", *lines[8:]]) + "\n")
    done = bring(store, metric.parent.parent.parent)
    assert "line 8 of train/loss could not be read" in done.sentence
    assert len(store.series(done.run.id, "loss")) == 199 and len(store.series(done.run.id, "lr", ("0",))) == 200
