"""What W&B's pages export."""

from __future__ import annotations

import pytest

from barograph.db import Store
from barograph.db.importers import find, take_in
from tests.db.importers.written import points, write_wandb_csv


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "runs.db")
    yield opened
    opened.close()


def test_a_chart_of_several_runs(store, tmp_path):
    path = write_wandb_csv(tmp_path / "chart.csv", 5)
    text = path.read_text()
    path.write_text(text.replace('"my-run - lr', '"my - <b>other</b> - loss'))
    sources, _ = find([path])
    runs = {source.name: take_in(store, source).run.id for source in sources}
    assert set(runs) == {"my-run", "my - <b>other</b>"}
    assert set(points(store, runs["my - <b>other</b>"])) == {"loss"}
    assert sum(source.size for source in sources) <= path.stat().st_size


def test_a_table_of_runs_is_refused_with_what_to_do(tmp_path):
    path = tmp_path / "runs.csv"
    header = "Name,State,Notes,User,Tags,Created,Runtime,Sweep,train_loss"
    path.write_text(f"{header}\na,done,,,,,,,1\n")
    sources, (sentence,) = find([path])
    assert sources == [] and "export a chart" in sentence
