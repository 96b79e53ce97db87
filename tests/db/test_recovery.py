"""Journals of dead writers go into the tables, and on a network file system those of living ones."""

import numpy as np
import pytest

from barograph.db import Event, Run, RunWriter, Store
from barograph.db.journal import file as journal
from barograph.db.places import process
from barograph.db.tables import engine


@pytest.fixture(autouse=True)
def network(monkeypatch):
    monkeypatch.setenv("BAROGRAPH_NETWORK", "1")


def test_a_writer_opens_no_sqlite_and_the_reader_folds_while_it_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "SEGMENT_BYTES", 5000)
    path = tmp_path / "runs.db"
    store = Store(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "open_engine", lambda *_, **__: pytest.fail("the writer opened SQLite"))
        writer = RunWriter.open(path, Run("r", "r"))
    for step in range(1000):
        writer.points(step, ("loss",), [step])
        if step % 100 == 99:
            writer.event(Event(step, "checkpoint"))
            writer.tend()
        if step % 250 == 249:
            assert len(store._database.tail.files()) > 1  # more than one file waits
            store.fold()
            assert len(store._database.tail.files()) == 1  # the one being written
            assert store.run("r").state == "running" and len(store.series("r", "loss")) == step + 1
    assert writer._engine is None
    writer.close("finished")
    assert writer._engine is None
    np.testing.assert_array_equal(store.series("r", "loss").values, np.arange(1000))
    assert store.run("r").state == "finished" and len(store.events("r")) == 10
    monkeypatch.setattr(process, "_born", lambda pid: -1.0)  # its process is gone
    store.fold()
    assert store._database.tail.files() == [] and store.check() == []
    assert store.run("r").state == "finished" and len(store.series("r", "loss")) == 1000
