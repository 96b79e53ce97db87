"""Journals of dead writers go into the tables, and on a network file system those of living ones."""

import numpy as np
import pytest

from barograph.db import Event, Run, RunWriter, Store
from barograph.db.journal import file as journal
from barograph.db.journal import fold as fold_module
from barograph.db.journal import frames, tail
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


def test_a_journal_that_may_not_be_read_or_breaks_the_fold_does_not_hold_up_the_others(tmp_path):
    path = tmp_path / "runs.db"
    for name in ("shut", "odd", "good"):
        writer = RunWriter.open(path, Run(name, name))
        writer.points(1, ("loss",), [1.0])
        writer.close("finished")
    reads = frames.read

    def read(data, cursor):
        if b'"odd"' in data:
            raise KeyError("shape")
        return reads(data, cursor)

    def opened(file, *rest, **options):
        if "shut." in str(file):
            raise PermissionError(13, "Permission denied")
        return open(file, *rest, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frames, "read", read)
        patch.setattr(tail, "open", opened, raising=False)
        patch.setattr(fold_module, "open", opened, raising=False)
        store = Store(path)
        for _ in range(2):
            found = {run.id: run for run in store.runs()}
            assert found.keys() == {"shut", "odd", "good"}
            assert "may not be read by this user" in found["shut"].problem and "chmod" in found["shut"].problem
            assert "cannot be read (KeyError: 'shape')" in found["odd"].problem and not found["good"].problem
            assert len(store.series("good", "loss")) == 1 and len(store.series("odd", "loss")) == 0
            store.fold()
        assert len(store.check()) >= 2 and store.attempts("shut") and store.events("odd") == []
    store.fold()
    assert [run.problem for run in store.runs()] == ["", "", ""] and len(store.series("odd", "loss")) == 1
