"""The journal takes everything: from threads, on a full disk, across files, and never from a forked child."""

import errno
import os
import threading
import time

import numpy as np
import pytest

from barograph.db import Run, RunWriter, Store
from barograph.db.journal import file as journal
from barograph.db.journal.frames import MAGIC, Cursor, read
from barograph.errors import StoreError


class Disk:
    """Stands in for `os.write`: room for so many bytes, then ENOSPC, after a part of the write that did not fit."""

    def __init__(self, patch):
        self.room, self._write = None, os.write
        patch.setattr(journal.os, "write", self)

    def __call__(self, file: int, data: bytes) -> int:
        if self.room is None:
            return self._write(file, data)
        if self.room == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        data = data[: self.room]
        self.room -= len(data)
        return self._write(file, data)


@pytest.fixture
def disk(monkeypatch):
    return Disk(monkeypatch)


def steps_in(store_path, key="loss") -> list[int]:
    store = Store(store_path)
    steps = store.series("r", key).steps.tolist()
    store.close()
    return steps


@pytest.mark.parametrize("room", [0, 1, 15, 16, 17, 31, 32, 33, 100])
def test_a_full_disk_loses_nothing_once_there_is_room_again(tmp_path, disk, room):
    writer = RunWriter.open(tmp_path / "runs.db", Run("r", "r"))
    writer.points(0, ("loss",), [0.0])
    disk.room = room
    for step in range(1, 50):
        writer.points(step, ("loss",), [step / 2])
    writer.points(50, ("loss", "lr"), [25.0, 1.0])  # a new shape while nothing can be written
    assert steps_in(tmp_path / "runs.db") == list(range(max(1, 1 + room // 32)))
    with pytest.warns(RuntimeWarning, match="No space left.*wait in memory"):
        writer.tend()
    disk.room = None
    writer.tend()
    writer.points(51, ("loss",), [25.5])
    assert steps_in(tmp_path / "runs.db") == list(range(52))
    writer.close()
    assert steps_in(tmp_path / "runs.db") == list(range(52)) and writer.dropped == 0


def test_a_disk_that_stays_full_costs_a_counted_number_of_values(tmp_path, disk, monkeypatch):
    monkeypatch.setattr(journal, "KEPT_BYTES", 1000)
    writer = RunWriter.open(tmp_path / "runs.db", Run("r", "r"))
    disk.room = 10
    for step in range(100):
        writer.points(step, ("loss", "lr"), [1.0, 2.0])
    assert 0 < writer.dropped < 200 and writer.dropped % 2 == 0
    kept = 100 - writer.dropped // 2
    disk.room = None
    writer.tend()
    for step in range(100, 110):
        writer.points(step, ("loss", "lr"), [1.0, 2.0])
    writer.close()
    assert steps_in(tmp_path / "runs.db") == [*range(kept), *range(100, 110)]


def test_what_still_waits_at_the_end_is_counted_and_said(tmp_path, disk):
    writer = RunWriter.open(tmp_path / "runs.db", Run("r", "r"))
    writer.points(0, ("loss",), [1.0])
    disk.room = 5
    writer.points(1, ("loss",), [2.0])
    with pytest.warns(RuntimeWarning, match="No space left.*1 values lost"):
        writer.close()
    assert writer.dropped == 1 and steps_in(tmp_path / "runs.db") == [0]


@pytest.mark.parametrize("ends_full", [False, True])
@pytest.mark.parametrize("room", [0, 20])
def test_a_disk_that_is_full_at_the_start_loses_nothing_once_there_is_room(tmp_path, disk, room, ends_full):
    disk.room = room
    writer = RunWriter.open(tmp_path / "runs.db", Run("r", "r"))
    writer.points(0, ("loss", "lr"), [0.0, 1.0])
    with pytest.warns(RuntimeWarning, match="No space left.*wait in memory"):
        writer.tend()
    assert list((tmp_path / "runs.db.journals").iterdir()) == []
    writer.points(1, ("loss", "lr"), [1.0, 1.0])
    if ends_full:
        with pytest.warns(RuntimeWarning, match="No space left.*4 values lost"):
            writer.close()
        assert writer.dropped == 4 and Store(tmp_path / "runs.db").runs() == []
        return
    disk.room = None
    writer.tend()
    writer.points(2, ("loss", "lr"), [2.0, 1.0])
    writer.close()
    assert steps_in(tmp_path / "runs.db") == [0, 1, 2] == steps_in(tmp_path / "runs.db", "lr")


def test_a_folder_that_cannot_be_written_or_a_full_disk_in_a_new_segment_is_one_sentence(tmp_path, disk, monkeypatch):
    (tmp_path / "other.db.journals").touch()
    with pytest.raises(StoreError, match="cannot write the journal in .*make that folder writable"):
        RunWriter.open(tmp_path / "other.db", Run("r", "r"))
    monkeypatch.setattr(journal, "SEGMENT_BYTES", 1)
    writer = RunWriter.open(tmp_path / "runs.db", Run("r", "r"))
    writer.points(0, ("loss",), [1.0])
    disk.room = 20
    with pytest.warns(RuntimeWarning, match="recording goes on"):
        writer.tend()
    disk.room = None
    writer.points(1, ("loss",), [2.0])  # goes on where it was
    writer.tend()
    writer.points(2, ("loss",), [3.0])
    writer.close()
    assert steps_in(tmp_path / "runs.db") == [0, 1, 2]


def test_values_that_waited_for_a_deleted_file_are_readable_in_the_next(tmp_path, disk):
    writer = RunWriter.open(tmp_path / "runs.db", Run("r", "r"))
    writer.points(0, ("loss", "lr"), [1.0, 1.0])
    disk.room = 9
    for step in range(1, 9):
        writer.points(step, ("loss", "lr"), [1.0, 1.0])
    disk.room = None
    writer._journal.path.unlink()
    writer.tend()
    writer.points(9, ("loss", "lr"), [1.0, 1.0])
    writer.close()
    assert steps_in(tmp_path / "runs.db") == list(range(1, 10))


def test_segments_follow_one_another_and_go_once_folded(tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "SEGMENT_BYTES", 2000)
    path = tmp_path / "runs.db"
    writer = RunWriter.open(path, Run("r", "r"))
    for step in range(1000):
        writer.points(step, ("loss",), [step])
        if step % 100 == 50:
            writer._journal.rotate()
    assert len(Store(path)._database.tail.files()) == 11 and steps_in(path) == list(range(1000))
    writer._next_fold = 0
    writer.tend()
    assert len(Store(path)._database.tail.files()) == 1 and steps_in(path) == list(range(1000))
    for file in Store(path)._database.tail.files():
        data = file.read_bytes()
        assert data[:8] == MAGIC and read(data[8:], Cursor())[1][0].entry["run"]["id"] == "r"
    writer.close()
    assert Store(path)._database.tail.files() == [] and steps_in(path) == list(range(1000))


def test_a_forked_child_writes_nothing_and_ends_nothing(tmp_path):
    path = tmp_path / "runs.db"
    writer = RunWriter.open(path, Run("r", "r"))
    writer.points(0, ("loss",), [1.0])
    with writer._journal._lock:  # held by another thread at the fork, as far as the child can know
        child = os.fork()
        if child == 0:
            threading.Timer(20, os._exit, [3]).start()
            try:
                writer._journal._lock = threading.Lock()
                writer._journal._lock.acquire()
                writer.points(1, ("loss",), [9.0])
                writer.columns(np.array([2]), ("loss",), np.ones((1, 1)))
                writer.begin_attempt(0)
                writer.tend()
                writer.close()
                os._exit(0)
            except BaseException:
                os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    writer.points(1, ("loss",), [2.0])
    assert Store(path).run("r").state == "running"
    writer.close()
    assert Store(path).series("r", "loss").values.tolist() == [1.0, 2.0]
    assert Store(path).run("r").state == "finished"


def test_many_threads_may_write_while_one_folds(tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "SEGMENT_BYTES", 50_000)
    path = tmp_path / "runs.db"
    writer = RunWriter.open(path, Run("r", "r"))

    def work(number: int) -> None:
        keys = (f"loss{number}",)
        for step in range(8000):
            writer.points(step, keys, [step + number])

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        writer._next_fold = 0
        writer.tend()
        time.sleep(0.01)
    writer.close()
    for number in range(4):
        found = Store(path).series("r", f"loss{number}")
        np.testing.assert_array_equal(found.values, np.arange(8000) + number)
    assert Store(path).check() == []


def test_values_of_another_shape_than_keys_are_refused_before_anything_is_written(tmp_path):
    writer = RunWriter.open(tmp_path / "runs.db", Run("r", "r"))
    with pytest.raises(ValueError, match="expected \\(3, 2\\)"):
        writer.columns(np.arange(3), ("a", "b"), np.ones((3, 3)))
    writer.points(0, ("a",), [1.0])
    writer.close()
    assert steps_in(tmp_path / "runs.db", "a") == [0]
