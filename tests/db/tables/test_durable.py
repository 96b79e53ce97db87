"""A journal goes only after its rows are synced: with a reader's transaction open, and where syncing fails."""

import os
import sqlite3
import stat
from pathlib import Path

import numpy as np
import pytest

from barograph.db import Run, RunWriter, Store
from barograph.db.tables.durable import make_durable, synced


@pytest.fixture
def reader(tmp_path):
    """A transaction that some other program keeps open on the store, begun before the run's rows are in it."""
    Store(tmp_path / "runs.db").append(Run("old", "old"), {"loss": ([1], [1.0])})
    connection = sqlite3.connect(tmp_path / "runs.db", isolation_level=None)
    connection.execute("BEGIN")
    connection.execute("SELECT count(*) FROM runs").fetchall()
    yield connection
    connection.close()


def record(path: Path) -> RunWriter:
    writer = RunWriter.open(path, Run("r", "r"))
    for step in range(1000):
        writer.points(step, ("loss",), [step])
    return writer


def loss(path: Path) -> np.ndarray:
    return Store(path).series("r", "loss").values


def test_the_log_is_synced_before_the_journal_goes_where_a_reader_keeps_it_from_the_file(tmp_path, reader, monkeypatch):
    path, cut, acts = tmp_path / "runs.db", tmp_path / "cut.db", []
    fsync, unlink = os.fsync, Path.unlink

    def seen_fsync(file):
        fsync(file)
        found = os.fstat(file)
        acts.append("sync folder" if stat.S_ISDIR(found.st_mode) else f"sync {found.st_size}")

    def seen_unlink(self, **how):
        if self.suffix == ".journal":
            synced_bytes = int(acts[-2].removeprefix("sync "))
            cut.write_bytes(path.read_bytes())  # the power goes here
            Path(f"{cut}-wal").write_bytes(Path(f"{path}-wal").read_bytes()[:synced_bytes])
            acts.append("unlink")
        unlink(self, **how)

    monkeypatch.setattr(os, "fsync", seen_fsync)
    monkeypatch.setattr(Path, "unlink", seen_unlink)
    record(path).close()
    assert acts[-3:] == ["sync folder", "unlink", "sync folder"]
    for store in (path, cut):
        np.testing.assert_array_equal(loss(store), np.arange(1000))


def test_a_journal_whose_rows_cannot_be_synced_stays_and_goes_at_the_next_opening(tmp_path, reader, monkeypatch):
    path = tmp_path / "runs.db"
    writer = record(path)

    def refuse(file):
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        writer.close()
    assert writer._journal.path.exists()
    np.testing.assert_array_equal(loss(path), np.arange(1000))
    reader.close()
    monkeypatch.setattr("barograph.db.places.process._born", lambda pid: -1.0)  # its process is gone
    store = Store(path)
    store.fold()
    assert not writer._journal.path.exists() and store.check() == []
    np.testing.assert_array_equal(loss(path), np.arange(1000))


def test_without_a_reader_the_checkpoint_is_enough(tmp_path, monkeypatch):
    path = tmp_path / "runs.db"
    store = Store(path)
    store.append(Run("r", "r"), {"loss": ([1], [1.0])})
    monkeypatch.setattr(os, "fsync", lambda file: pytest.fail("nothing is left to sync"))
    assert make_durable(store._database.engine)
    copy = tmp_path / "copy.db"
    copy.write_bytes(path.read_bytes())  # the file without its log
    np.testing.assert_array_equal(loss(copy), [1.0])


def test_what_is_not_there_is_not_synced(tmp_path):
    assert synced(tmp_path) and not synced(tmp_path / "none")
