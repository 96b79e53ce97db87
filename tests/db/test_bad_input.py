"""What a user can get wrong, and what a machine can: one clear sentence each, and training goes on."""

import errno
import sqlite3
import warnings
from pathlib import Path

import numpy as np
import pytest

from barograph.db import Event, Run, RunWriter, Store
from barograph.db.places import process
from barograph.db.tables import engine
from barograph.errors import StoreError


@pytest.fixture
def path(tmp_path):
    """A store with one folded run of 20,000 points in two series."""
    path = tmp_path / "runs.db"
    store = Store(path)
    store.append(Run("old", "old", started=1.0), {k: (np.arange(10_000), np.random.normal(size=10_000)) for k in "ab"})
    store.close()
    return path


def refused(match: str, path, **how) -> None:
    with pytest.raises(StoreError, match=match) as caught:
        store = Store(path, **how)
        store.runs()
    assert "\n" not in str(caught.value)


def test_paths_that_are_no_store(tmp_path, path):
    refused("is a folder; expected a store's file", tmp_path)
    refused("no store at .*barograph demo.*--store", tmp_path / "missing.db", create=False)
    refused("no folder .* create it first", tmp_path / "missing" / "runs.db")
    refused("no folder .* create it first", path / "runs.db")
    refused("expected a path or sqlite:///PATH", "postgresql://host/db")
    refused("expected the path of a store", "")
    refused("expected the path of a store", "a\0b")
    refused("no folder|cannot be opened|no store", tmp_path / ("x" * 5000), create=False)
    assert Store(f"sqlite:///{path}", create=False).run("old").id == "old"


@pytest.mark.parametrize("content", [b"step,loss\n1,2.5\n" * 100, b"\x89PNG" + bytes(5000), b"x"])
def test_a_file_that_is_no_database(tmp_path, content):
    (tmp_path / "notes.txt").write_bytes(content)
    refused("is not an SQLite database; expected one", tmp_path / "notes.txt")
    assert (tmp_path / "notes.txt").read_bytes() == content


def test_a_file_that_may_not_be_read(tmp_path, path, monkeypatch):
    connect = sqlite3.dbapi2.connect

    def forbidden(*args, **how):
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr(sqlite3.dbapi2, "connect", forbidden)
    refused("cannot be opened .*check the permissions", path)
    monkeypatch.setattr(sqlite3.dbapi2, "connect", connect)
    monkeypatch.setattr(engine.os, "access", lambda *_: False)
    refused("cannot write into .*permission denied", tmp_path / "new.db")


def test_a_read_only_store_can_be_read_and_says_so_when_edited(path, monkeypatch):
    for readonly in (True, False):
        if not readonly:
            monkeypatch.setattr(engine.os, "access", lambda *_: False)
        store = Store(path, readonly=readonly)
        assert len(store.series("old", "a")) == 10_000
        with pytest.raises(StoreError, match="is read-only; make it and its folder writable"):
            store.edit("old", note="x")
        assert store.fold() == 0
        store.close()
    refused("no store at", path.with_name("missing.db"), readonly=True)


def test_a_store_that_another_program_has_locked(path, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.2)
    held = sqlite3.connect(path, isolation_level=None)
    held.execute("PRAGMA locking_mode = EXCLUSIVE")
    held.execute("BEGIN EXCLUSIVE")
    refused("has been locked by another program for 0.2 s; close what holds it", path)
    writer = RunWriter.open(path, Run("r", "r"))
    writer.points(0, ("loss",), [1.0])
    with pytest.warns(RuntimeWarning, match="locked by another program.*recording goes on") as said:
        for step in range(1, 4):
            writer._next_fold = 0
            writer.tend()
            writer.points(step, ("loss",), [1.0])
    assert len(said) == 1
    with pytest.warns(RuntimeWarning, match="is taken in when the store opens"):
        writer.close("finished")
    held.close()
    store = Store(path)
    assert store.run("r").state == "finished" and len(store.series("r", "loss")) == 4
    writer._journal._pid = -1  # (this very process wrote it, and it lives)
    monkeypatch.setattr(process, "_born", lambda pid: -1.0)
    assert store.fold() == 1 and store._database.tail.files() == []
    assert store.run("r").state == "finished" and len(store.series("r", "loss")) == 4


def break_pages(path, first: int) -> None:
    """Overwrites all pages from number `first` on."""
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = raw.execute("PRAGMA page_size").fetchone()[0]
    raw.close()
    data = bytearray(path.read_bytes())
    data[first * size :] = b"\xa5" * (len(data) - first * size)
    path.write_bytes(data)


@pytest.mark.parametrize("first", [1, 30])
def test_a_damaged_store_is_said_by_reads_and_check_and_stops_no_training(path, first):
    break_pages(path, first)
    for ask in (Store.runs, lambda s: s.series("old", "a"), lambda s: s.buckets("old", "a")):
        if first == 1 or ask is not Store.runs:
            with pytest.raises(StoreError, match="damaged.*restore a copy"):
                ask(Store(path))
    if first > 1:
        assert Store(path).check()
        return
    writer = RunWriter.open(path, Run("r", "r"))
    with pytest.warns(RuntimeWarning, match="damaged.*recording goes on"):
        for step in range(10):
            writer.points(step, ("loss",), [1.0])
            writer._next_fold = 0
            writer.tend()
    with pytest.warns(RuntimeWarning, match="damaged.*this run waits"):
        writer.close()
    path.unlink()  # the user moves it aside: the journal still has the run
    assert len(Store(path).series("r", "loss")) == 10


def test_damaged_tiles_are_holes_that_are_marked(path):
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE tiles SET data = zeroblob(20)")
    raw.close()
    store = Store(path)
    for ask in (store.series, store.buckets):
        found = ask("old", "a")
        assert len(found) == 0 and len(found.holes) == 1
    assert any("damaged" in line for line in store.check())


class FullDisk:
    """Stands in for a database on a full disk: every write transaction fails as SQLite says it."""

    def __init__(self, patch):
        patch.setattr(engine, "BUSY_SECONDS", 0.2)
        from barograph.db.series import tiles

        def full(*_):
            raise sqlite3.OperationalError("database or disk is full")

        patch.setattr(tiles, "_write_one", full)


def test_a_store_on_a_full_disk_waits_in_the_journal(path):
    with pytest.MonkeyPatch.context() as patch:
        FullDisk(patch)
        writer = RunWriter.open(path, Run("r", "r"))
        with pytest.warns(RuntimeWarning, match="the disk is full.*recording goes on") as said:
            for step in range(10):
                writer.points(step, ("loss",), [1.0])
                writer._next_fold = 0
                writer.tend()
        assert len(said) == 1
    writer._next_fold = 0
    writer.tend()  # there is room again
    assert Store(path).latest("r") == {"loss": (9, 1.0)}
    writer.close()
    assert len(Store(path).series("r", "loss")) == 10 and Store(path).check() == []


def test_a_newer_store_stops_no_training_and_loses_nothing(path):
    with sqlite3.connect(path) as raw:
        raw.execute("INSERT INTO barograph_migrations VALUES ('m999_x', 0)")
    raw.close()
    writer = RunWriter.open(path, Run("r", "r"))
    with pytest.warns(RuntimeWarning, match="newer Barograph.*recording goes on"):
        writer.points(0, ("loss",), [1.0])
        writer.tend()
    with pytest.warns(RuntimeWarning, match="newer Barograph.*this run waits"):
        writer.close()
    with sqlite3.connect(path) as raw:
        raw.execute("DELETE FROM barograph_migrations WHERE name = 'm999_x'")
    raw.close()
    assert len(Store(path).series("r", "loss")) == 1


def test_a_store_deleted_under_a_writer_is_begun_anew(path):
    writer = RunWriter.open(path, Run("r", "r"))
    for step in range(20):
        writer.points(step, ("loss",), [1.0])
        writer._next_fold = 0
        writer.tend()
        if step == 10:
            for file in path.parent.glob("runs.db*"):
                if file.is_file():
                    file.unlink()
    writer.close()
    store = Store(path)
    assert len(store.series("r", "loss")) == 20 and [run.id for run in store.runs()] == ["r"]


def test_warnings_as_errors_reach_no_training(path):
    path.write_bytes(b"no database" * 100)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        writer = RunWriter.open(path, Run("r", "r"))
        writer.points(0, ("loss",), [1.0])
        writer.tend()
        writer.close()
    assert list(path.with_name("runs.db.journals").iterdir())


def test_a_folder_without_permission_is_one_sentence_at_the_start(tmp_path, monkeypatch):
    def forbidden(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", forbidden)
    with pytest.raises(StoreError, match="cannot write the journal in .*Permission denied; make that folder writable"):
        RunWriter.open(tmp_path / "runs.db", Run("r", "r"))
    with pytest.raises(StoreError, match="no folder .*create it first"):
        RunWriter.open(tmp_path / "missing" / "runs.db", Run("r", "r"))
    with pytest.raises(StoreError, match="run id .*letters, digits"):
        RunWriter.open(tmp_path / "runs.db", Run("../x", "r"))


def test_runs_that_are_not_there(path):
    store = Store(path)
    with pytest.raises(StoreError, match="no run 'odl' in .*did you mean old"):
        store.run("odl")
    with pytest.raises(StoreError, match="no run 'zzz' in the store"):
        store.edit("zzz", note="x")
    with pytest.raises(StoreError, match="name cannot be empty"):
        store.edit("old", name="  ")
    assert len(store.series("zzz", "a")) == 0 and len(store.buckets("zzz", "a")) == 0 and store.latest("zzz") == {}
    assert store.signals("zzz") == {} and store.grid("zzz", "a")[0] == [] and store.events("zzz") == []
    writer = RunWriter.open(path, Run("r", "r"))
    writer.event(Event(0, "note"))
    with pytest.raises(StoreError, match="still being written; stop it first"):
        store.delete("r")
    writer.close()
    store.delete("r")
    assert [run.id for run in store.runs()] == ["old"] and store._database.tail.files() == []


@pytest.mark.parametrize(
    "odd",
    [
        {"attempt": {"number": "x"}},
        {"attempt": 3},
        {"late": {"step": 1}},
        {"late": {"attempt": 0, "step": 2**63, "points": [["loss", 1.0]]}},
        {"late": {"attempt": "x", "step": 1, "points": [["loss", 1.0]]}},
        {"late": {"attempt": 0, "step": 1, "points": [1, 2]}},
    ],
    ids=str,
)
def test_an_odd_note_of_an_attempt_or_of_late_values_is_named_and_costs_nothing_else(tmp_path, odd):
    writer = RunWriter.open(tmp_path / "runs.db", Run("r", "r"))
    writer.points(1, ("loss",), [1.0])
    writer._journal.note(**odd)
    writer.points(2, ("loss",), [2.0])
    store = Store(tmp_path / "runs.db")
    for folded in (False, True):
        if folded:
            writer.close()
        assert store.runs()[0].last_step == 2 and store.series("r", "loss").values.tolist() == [1.0, 2.0]
        (event,) = store.events("r")
        assert event.kind == "left out" and next(iter(odd)) in event.text
