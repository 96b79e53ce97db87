"""Whether the process that writes a journal is alive: on this host by its pid and birth, elsewhere by its lock."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest

from barograph.db import Run, RunWriter, Store
from barograph.db.journal.tail import opening
from barograph.db.places import process
from barograph.db.places.process import Liveness, liveness

HOUR_AGO = time.time() - 3600


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "file"
    path.touch()
    return path


def test_a_process_is_told_from_another_with_its_number(file):
    me = process.this_process()
    assert liveness(me, file) is Liveness.ALIVE
    assert liveness(me | {"born": me["born"] - 1}, file) is Liveness.DEAD
    os.utime(file, (0, 0))
    assert liveness(me, file) is Liveness.ALIVE
    assert liveness({}, file) is Liveness.DEAD


@pytest.mark.parametrize("other", [{"host": "another"}, {"boot": "another"}])
def test_a_process_elsewhere_without_a_lock_is_never_dead_by_its_age(file, other):
    elsewhere = process.this_process() | other
    assert liveness(elsewhere, file) is Liveness.ALIVE
    os.utime(file, (0, 0))
    assert liveness(elsewhere, file) is Liveness.SILENT


def test_a_lock_says_what_the_age_cannot(file, monkeypatch):
    elsewhere = process.this_process() | {"host": "another", "boot": "another", "locked": True}
    os.utime(file, (0, 0))
    assert liveness(elsewhere, file) is Liveness.DEAD
    monkeypatch.setattr(process, "held", lambda path: True)
    assert liveness(elsewhere, file) is Liveness.ALIVE
    monkeypatch.undo()
    monkeypatch.setattr(process, "locks_reach", lambda path: False)
    assert liveness(elsewhere, file) is Liveness.SILENT, "its host may keep its locks to itself"
    assert liveness(elsewhere | {"boot": process.this_boot()}, file) is Liveness.DEAD


def test_a_silent_writer_on_another_host_keeps_its_journal_and_all_its_values(tmp_path, monkeypatch):
    monkeypatch.setenv("BAROGRAPH_NETWORK", "1")
    monkeypatch.setattr(process, "locks_reach", lambda path: False)
    path = tmp_path / "runs.db"
    with monkeypatch.context() as patch:
        patch.setattr(process, "this_host", lambda: "another")
        patch.setattr(process, "this_boot", lambda: "another")
        writer = RunWriter.open(path, Run("r", "r"))
    writer.points(0, ("loss",), [1.0])
    store = Store(path)
    assert store.run("r").state == "running"
    monkeypatch.setattr(process, "held", lambda path: False)
    os.utime(writer._journal.path, (HOUR_AGO, HOUR_AGO))
    assert store.run("r").state == "lost"
    store.fold()
    assert store._database.tail.files() == [writer._journal.path]
    writer.points(1, ("loss",), [1.0])  # it only slept
    writer.tend()
    assert store.run("r").state == "running" and store.series("r", "loss").steps.tolist() == [0, 1]
    writer.close()


def test_a_journal_that_somebody_deleted_is_begun_anew(tmp_path):
    path = tmp_path / "runs.db"
    writer = RunWriter.open(path, Run("r", "r"))
    writer.points(0, ("loss",), [1.0])
    writer.tend()
    writer._journal.path.unlink()
    writer.tend()
    writer.points(1, ("loss",), [1.0])
    writer.close()
    assert Store(path).series("r", "loss").steps.tolist() == [0, 1]


TRAIN = """
import sys
from barograph.db import Run, RunWriter
from barograph.db.journal import file
file.SEGMENT_BYTES = 2000
writer = RunWriter.open(sys.argv[1], Run("r", "r"))
for line in sys.stdin:
    for step in range(int(line), int(line) + 100):
        writer.points(step, ("loss",), [step])
    writer._journal.rotate()
    print(line, end="", flush=True)
"""
SPACE = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child"]


@pytest.fixture
def container(tmp_path):
    """A training process in a pid namespace of its own, and its pid here."""
    try:
        subprocess.run([*SPACE, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("process spaces cannot be made here")
    how = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([*SPACE, sys.executable, "-c", TRAIN, str(tmp_path / "runs.db")], **how) as outer:

        def train(step: int) -> None:
            outer.stdin.write(f"{step}\n")
            outer.stdin.flush()
            assert outer.stdout.readline() == f"{step}\n"

        train(0)
        (inner,) = psutil.Process(outer.pid).children()
        yield train, inner
        outer.kill()


def test_a_trainer_in_a_container_that_is_stopped_for_long_loses_nothing(tmp_path, container):
    train, inner = container
    train(100)
    store = Store(tmp_path / "runs.db")
    files = store._database.tail.files()
    assert len(files) > 1 and opening(files[0]).process["host"] != process.this_host()
    inner.send_signal(signal.SIGSTOP)
    for path in files:
        os.utime(path, (HOUR_AGO, HOUR_AGO))
    assert store.run("r").state == "running" and store.fold() == 0
    assert store._database.tail.files() == files
    inner.send_signal(signal.SIGCONT)
    train(200)
    np.testing.assert_array_equal(store.series("r", "loss").values, np.arange(300))
    inner.kill()
    inner.wait()
    for path in store._database.tail.files():
        os.utime(path, (HOUR_AGO, HOUR_AGO))
    assert store.run("r").state == "lost"
    store.fold()
    assert store._database.tail.files() == [] and store.run("r").state == "lost"
    np.testing.assert_array_equal(store.series("r", "loss").values, np.arange(300))
