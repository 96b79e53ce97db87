"""Many processes and threads on one store: no error, no lost row, and every reader sees a whole moment."""

import gc
import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from barograph import StoreError
from barograph.db import Run, RunWriter, Store
from barograph.db.reading import database
from barograph.db.tables import engine

WRITER = """
import sys, time
from barograph.db import Event, Run, RunWriter, writer
writer.FOLD_AFTER_SECONDS = 0.05
path, name, steps = sys.argv[1], sys.argv[2], int(sys.argv[3])
w = RunWriter.open(path, Run(name, name))
for step in range(steps):
    w.points(step, ("loss", ("norm", "a")), (step + 0.1, -step))
    if step % 50 == 0:
        w.event(Event(step, "checkpoint"))
        w.tend()
w.close()
"""


def test_eight_writers_and_a_polling_reader_lose_nothing(tmp_path):
    path, steps = tmp_path / "runs.db", 800
    names = [f"w{n}" for n in range(8)]
    writers = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", WRITER, str(path), name, str(steps)],
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    store, seen, polls = Store(path), dict.fromkeys(names, 0), 0
    while any(writer.poll() is None for writer in writers):
        polls += 1
        for run in store.runs():
            assert run.state in ("running", "finished")
            new = store.series(run.id, "loss", after=seen[run.id] - 1)
            np.testing.assert_array_equal(new.steps, np.arange(seen[run.id], seen[run.id] + len(new)))
            seen[run.id] += len(new)
            store.buckets(run.id, "loss", width=100)
        time.sleep(0.02)
    for writer in writers:
        assert (writer.wait(), writer.stderr.read()) == (0, "")
        writer.stderr.close()
    assert polls > 5 and store.check() == [] and store._database.tail.files() == []
    for name in names:
        np.testing.assert_array_equal(store.series(name, "loss").values, np.arange(steps) + 0.1)
        np.testing.assert_array_equal(store.series(name, "norm", ("a",)).values, -np.arange(steps))
        assert len(store.events(name)) == steps // 50 and store.run(name).state == "finished"
    store.close()


def test_threads_that_share_a_store_each_see_a_whole_moment(tmp_path, monkeypatch):
    """While a writer folds without pause, no reader ever misses what was written before it asked."""
    from barograph.db.journal import file as journal
    from barograph.db.journal import fold

    monkeypatch.setattr(journal, "SEGMENT_BYTES", 3000)
    monkeypatch.setattr(fold, "FOLD_BYTES", 2000)
    writer = RunWriter.open(tmp_path / "runs.db", Run("r", "r"))
    store, done, failures, looks = Store(tmp_path / "runs.db"), threading.Event(), [], [0]
    written = [-1]

    def read() -> None:
        try:
            while not done.is_set():
                wanted = written[0] + 1
                steps = store.series("r", "loss").steps
                assert len(steps) >= wanted and (steps == np.arange(len(steps))).all(), (wanted, len(steps))
                latest = store.latest("r").get("loss", (-1, 0.0))
                assert latest[0] >= wanted - 1
                looks[0] += 1
        except BaseException as error:
            failures.append(error)

    def tend() -> None:
        while not done.is_set():
            writer._next_fold = 0
            writer.tend()

    threads = [threading.Thread(target=f) for f in (read, read, read, tend)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 4
    for step in range(100_000):
        writer.points(step, ("loss",), [step])
        written[0] = step
        if failures or time.monotonic() > deadline:
            break
        time.sleep(0.0005)
    done.set()
    for thread in threads:
        thread.join()
    writer.close()
    assert not failures and looks[0] > 20
    assert len(store.series("r", "loss")) == written[0] + 1
    store.close()


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc")
def test_opening_reading_writing_and_failing_leave_no_file_and_no_thread_behind(tmp_path):
    def once(number: int) -> None:
        writer = RunWriter.open(tmp_path / "runs.db", Run(f"r{number}", "r"))
        writer.points(0, ("loss",), [1.0])
        writer.tend()
        store = Store(tmp_path / "runs.db")
        store.series(f"r{number}", "loss")
        store.runs()
        writer.close()
        store.close()
        (tmp_path / "bad.db").write_bytes(b"SQLite format 3\0" + b"x" * 2000)
        with pytest.raises(ValueError, match="damaged"):
            Store(tmp_path / "bad.db")

    for number in range(3):
        once(number)
    gc.collect()
    files, threads = len(os.listdir("/proc/self/fd")), threading.active_count()
    for number in range(3, 23):
        once(number)
    assert len(os.listdir("/proc/self/fd")) <= files and threading.active_count() == threads


def test_a_second_opening_in_one_process_lets_no_other_process_throw_the_log_away(tmp_path):
    """Closing any handle on the file drops this process's locks; the next to leave would take itself for the last."""
    path = tmp_path / "runs.db"
    first = Store(path)
    first.runs()
    second = Store(path)
    second.runs()
    leave = "import sys; from barograph import Store; s = Store(sys.argv[1]); s.runs(); s.close()"
    subprocess.run([sys.executable, "-c", leave, str(path)], check=True)
    assert os.path.exists(f"{path}-wal") and os.path.exists(f"{path}-shm")
    first.close(), second.close()


def one_run(path, name, points=10):
    writer = RunWriter.open(path, Run(name, name))
    for step in range(points):
        writer.points(step, ("loss",), (float(step),))
    writer.close()


def test_a_store_that_was_deleted_or_replaced_is_not_read_on(tmp_path):
    path, other = tmp_path / "runs.db", tmp_path / "other.db"
    one_run(path, "old", 20)
    one_run(other, "old", 5)
    one_run(other, "new")
    store = Store(path, create=False)
    assert len(store.series("old", "loss")) == 20
    identity, version = store.identity(), store.version()
    os.replace(other, path)
    assert store.identity() != identity and store.version() != version
    assert {run.name for run in store.runs()} == {"old", "new"} and len(store.series("old", "loss")) == 5
    path.unlink()
    for read in (store.runs, lambda: store.series("new", "loss")):
        with pytest.raises(StoreError, match="is gone: it was deleted or moved") as caught:
            read()
    assert "\n" not in str(caught.value) and not path.exists() and store.identity() is None
    one_run(path, "third")
    assert [run.name for run in store.runs()] == ["third"]
    store.close()


def test_a_viewer_that_may_not_write_sees_what_was_written_since_it_opened(tmp_path, monkeypatch):
    path = tmp_path / "runs.db"
    one_run(path, "first")
    may = os.access
    viewer = None
    with monkeypatch.context() as patch:
        patch.setattr(os, "access", lambda place, mode: mode != os.W_OK and may(place, mode))
        viewer = Store(path)
    assert [run.name for run in viewer.runs()] == ["first"]
    writer = RunWriter.open(path, Run("second", "second"))
    for step in range(500):
        writer.points(step, ("loss",), (float(step),))
        if step % 100 == 50:
            writer._next_fold = 0
            writer.tend()
            assert viewer.series("second", "loss").steps.tolist() == list(range(step + 1))
    writer.close()
    assert not path.with_name("runs.db-wal").exists()
    found = {run.name: run.state for run in viewer.runs()}
    assert found == {"first": "finished", "second": "finished"}
    assert viewer.series("second", "loss").values.tolist() == [float(step) for step in range(500)]
    viewer.close()


def test_on_a_full_disk_reading_goes_on_and_writing_says_why(tmp_path, monkeypatch):
    path = tmp_path / "runs#1.db"
    one_run(path, "first")
    with monkeypatch.context() as patch:
        for module in (engine, database):
            patch.setattr(module, "full", lambda _: True)
        store = Store(path)
        assert [run.name for run in store.runs()] == ["first"] and len(store.series("first", "loss")) == 10
        assert store.fold() == 0 and store.check() == []
        assert sorted(file.name for file in tmp_path.iterdir()) == ["runs#1.db", "runs#1.db.journals"]
        with pytest.raises(StoreError, match=r"the store /.*runs#1.db cannot grow: the disk is full; free some space"):
            store.edit("first", note="x")
    store.edit("first", note="there is room again")
    assert store.run("first").note == "there is room again"
    store.close()
