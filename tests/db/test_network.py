"""On a network file system the writer opens no SQLite at all; the reader's host takes its journals in."""

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


def test_no_write_ahead_log_on_a_network_and_one_again_on_a_local_disk(tmp_path, monkeypatch):
    path = tmp_path / "runs.db"
    for said, mode in (("1", "delete"), ("0", "wal"), ("1", "delete")):
        monkeypatch.setenv("BAROGRAPH_NETWORK", said)
        store = Store(path)
        with store._database.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == mode
        store.append(Run("r", "r"), {"loss": (np.arange(9), np.ones(9))})
        store.close()
        assert not path.with_name("runs.db-wal").exists()


def test_a_writer_on_another_host_lives_as_long_as_it_touches_its_journal(tmp_path, monkeypatch):
    elsewhere = process.this_process() | {"host": "another"}
    assert process.alive(elsewhere, touched=1e12)
    assert not process.alive(elsewhere, touched=0.0)
    path = tmp_path / "runs.db"
    monkeypatch.setattr(process, "this_host", lambda: "another")
    writer = RunWriter.open(path, Run("r", "r"))
    monkeypatch.undo()
    monkeypatch.setenv("BAROGRAPH_NETWORK", "1")
    writer.points(0, ("loss",), [1.0])
    store = Store(path)
    assert store.run("r").state == "running"
    monkeypatch.setattr(process, "SILENT_SECONDS", -1.0)
    assert store.run("r").state == "stopped"
    store.fold()  # taken for dead, and its journal deleted; but it only slept
    assert store._database.tail.files() == []
    writer.tend()
    writer.points(1, ("loss",), [1.0])
    assert store.series("r", "loss").steps.tolist() == [0, 1]
    writer.close()
