"""SIGKILL at any moment: what a call had returned for is there, the file opens, and the run reads as stopped."""

import contextlib
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from barograph.db import Run, RunWriter, Store
from barograph.db.journal import fold
from barograph.db.tables import engine

# Writes 3 values a step, says on its pipe which step's call has returned, and folds all the time in a thread.
WRITER = """
import sys, threading, time
from barograph.db import Event, Run, RunWriter, journal
path, pause = sys.argv[1], float(sys.argv[2])
journal.SEGMENT_BYTES = 20_000
w = RunWriter.open(path, Run("r", "r"))
def fold():
    while True:
        w._next_fold = 0
        w.tend()
threading.Thread(target=fold, daemon=True).start()
out, keys = sys.stdout, ("loss", ("norm", "a"), ("norm", "b"))
for step in range(1_000_000):
    w.points(step, keys, (step / 3, float("nan"), -step))
    if step % 100 == 0:
        w.event(Event(step, "checkpoint", str(step)))
    out.write(f"{step}\\n")
    out.flush()
    if pause:
        time.sleep(pause)
"""


def kill_writer(path, after: float, pause: float) -> int:
    """Kills a writer `after` seconds from its first step; the last step whose call had returned."""
    said = path.with_suffix(".said")
    with open(said, "w") as out:
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(pause)], stdout=out)
    while not said.stat().st_size:
        assert process.poll() is None
        time.sleep(0.005)
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return int(said.read_text().rpartition("\n")[0].rpartition("\n")[2])


def check(path, acknowledged: int) -> None:
    store = Store(path)
    assert store.run("r").state == "killed"
    for folded in (False, True):
        if folded:
            store.fold()
        loss = store.series("r", "loss")
        last = int(loss.steps[-1])
        assert last >= acknowledged
        np.testing.assert_array_equal(loss.steps, np.arange(last + 1))
        np.testing.assert_array_equal(loss.values, np.arange(last + 1) / 3)
        assert len(store.series("r", "norm", ("a",))) == last + 1
        noted = [event.step for event in store.events("r")]  # each after its step's points
        assert noted == list(range(0, last + 1, 100))[: len(noted)] and len(noted) >= 1 + acknowledged // 100
        assert sum(store.buckets("r", "loss", width=50).n) == last + 1
    problems = store.check()  # at most the frame that was being written is torn
    assert len(problems) <= 1 and all("damaged at byte" in line for line in problems)
    assert store.run("r").state == "killed" and store.attempts("r")[0].state == "killed"
    store.close()


@pytest.mark.parametrize("moment", range(12))
def test_a_killed_writer_loses_nothing_that_it_was_told_is_safe(tmp_path, moment):
    after = random.Random(moment).uniform(0.0, 0.6)
    path = tmp_path / "runs.db"
    check(path, kill_writer(path, after, 0.0 if moment % 2 else 0.01))


def fold_until(path, stop: int) -> int:
    """Folds in a process that kills itself at its `stop`th transaction or deletion; else how many there were."""
    child = os.fork()
    if child:
        status = os.waitpid(child, 0)[1]
        return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
    try:
        seen, writing, unlink = itertools.count(1), engine.writing, Path.unlink

        def count():
            at = next(seen)
            if at == stop:
                os.kill(os.getpid(), signal.SIGKILL)
            return at

        @contextlib.contextmanager
        def counted(engine):
            with writing(engine) as connection:
                yield connection
                count()  # before the commit
            count()

        def counted_unlink(self, **how):
            count()
            unlink(self, **how)
            count()

        fold.writing = engine.writing = counted
        Path.unlink = counted_unlink
        fold.FOLD_BYTES = 3000
        Store(path).fold()
        os._exit(count() - 1)
    finally:
        os._exit(255)


def test_a_folder_killed_between_any_two_of_its_acts_changes_nothing_that_is_read(tmp_path):
    path = tmp_path / "dead" / "runs.db"
    path.parent.mkdir()
    code = (
        "import os, signal\nfrom barograph.db import Run, RunWriter, Event\n"
        f"w = RunWriter.open({str(path)!r}, Run('r', 'r'))\n"
        "for s in range(300): w.points(s, ('loss',), [s / 3])\n"
        "w.event(Event(7, 'note', 'once'))\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == -signal.SIGKILL
    whole = shutil.copytree(path.parent, tmp_path / "whole") / "runs.db"
    acts = fold_until(whole, -1)
    assert 12 < acts < 100
    for stop in range(1, acts + 1):
        copy = shutil.copytree(path.parent, tmp_path / f"stop{stop}") / "runs.db"
        assert fold_until(copy, stop) == -signal.SIGKILL
        store = Store(copy)
        for _ in range(2):
            np.testing.assert_array_equal(store.series("r", "loss").values, np.arange(300) / 3)
            assert [event.text for event in store.events("r")] == ["once"]
            assert store.run("r").state == "killed"
            store.fold()
        assert store._database.tail.files() == [] and store.check() == []
        store.close()


def test_a_journal_torn_at_any_byte_gives_what_stands_before(tmp_path):
    writer = RunWriter.open(tmp_path / "runs.db", Run("r", "r"))
    writer._journal.opening[0]["run"]["process"]["born"] = -1  # of a process that is no more
    writer._journal._next()
    for step in range(10):
        writer.points(step, ("loss",), [step])
    data = writer._journal.path.read_bytes()
    name = writer._journal.path.name
    writer._journal.close()
    begin = data.index(b"loss")
    for at in [0, 4, 8, 20, 100, *range(begin - 30, len(data), 11), len(data)]:
        place = tmp_path / f"cut{at}"
        (place / "runs.db.journals").mkdir(parents=True)
        journal = place / "runs.db.journals" / name
        journal.write_bytes(data[:at])
        if at <= 100:  # no opening, no process to ask: the file's age tells
            os.utime(journal, (0, 0))
        store = Store(place / "runs.db")
        unfolded = store.series("r", "loss").steps.tolist()
        store.fold()
        assert store.series("r", "loss").steps.tolist() == unfolded == list(range(len(unfolded)))
        assert len(unfolded) == max(0, 10 - -(-(len(data) - at) // 32))
        version = store.version()
        store.fold()
        assert store.version() == version  # nothing more to do, however often one looks
        assert journal.exists() == bool(store.check())
        store.close()
