"""Which run a resumed training goes on with, and as which attempt: no two processes ever write the same one."""

import sqlite3
import subprocess
import sys
import threading

import numpy as np
import pytest

from barograph.db import Event, Run, RunWriter, Store, resume
from barograph.db import writer as writers
from barograph.db.places import process
from barograph.db.tables import engine


def ended(path, points: int = 10) -> None:
    writer = RunWriter.open(path, Run("", "r"))
    for step in range(1, points + 1):
        writer.points(step, ("loss",), [float(step)])
    writer.close("stopped")


def test_two_resumes_at_once_are_two_attempts_and_each_keeps_its_values(tmp_path, monkeypatch):
    path = tmp_path / "runs.db"
    ended(path)
    both, newest = threading.Barrier(2), resume._newest
    first_look = threading.local()

    def together(*arguments):
        found = newest(*arguments)
        if not hasattr(first_look, "over"):
            first_look.over = True
            both.wait(timeout=30)  # both have read the same last attempt before either writes
        return found

    monkeypatch.setattr(resume, "_newest", together)
    opened: list[RunWriter] = []
    threads = [
        threading.Thread(target=lambda: opened.append(RunWriter.open(path, Run("", "r"), resume=True)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    with pytest.warns(RuntimeWarning, match="another process writes run r"):
        for thread in threads:
            thread.join()
    numbers = sorted(writer.run.attempt for writer in opened)  # who sees the other's claim may pass over one
    assert len(set(numbers)) == 2 and numbers[0] >= 1
    for step in range(11, 21):
        for writer in opened:
            writer.points(step, ("loss",), [1000.0 * writer.run.attempt + step])
    for writer in opened:
        writer.close()
    store = Store(path)
    (run,) = store.runs()
    found = [(attempt.number, attempt.from_step) for attempt in store.attempts(run.id)]
    assert found == [(0, 0), *((number, 10) for number in numbers)]
    for number in numbers:
        series = store.series(run.id, "loss", attempt=number)
        np.testing.assert_array_equal(series.values, 1000.0 * number + np.arange(11, 21))
    assert list(store._database.tail.folder.iterdir()) == []


def test_a_run_that_goes_back_while_another_process_has_resumed_it_takes_a_number_of_its_own(tmp_path):
    path = tmp_path / "runs.db"
    ended(path)
    first = RunWriter.open(path, Run("", "r"), resume=True)
    with pytest.warns(RuntimeWarning, match="another process writes run r"):
        second = RunWriter.open(path, Run("", "r"), resume=True)
    assert (first.run.attempt, second.run.attempt) == (1, 2)
    assert first.begin_attempt(5) == 3
    assert second.begin_attempt(5) == 4
    second.close()
    first.close()
    store = Store(path)
    assert [attempt.number for attempt in store.attempts(first.run.id)] == [0, 1, 2, 3, 4]
    assert list(store._database.tail.folder.iterdir()) == []


def test_a_resume_after_a_close_or_a_crash_is_no_second_writer(tmp_path, recwarn):
    path = tmp_path / "runs.db"
    ended(path)
    for number in (1, 2, 3):
        writer = RunWriter.open(path, Run("", "r"), resume=True)
        assert writer.run.attempt == number
        writer.close()
    assert not recwarn.list


@pytest.fixture
def locked(tmp_path, monkeypatch):
    """A store with a run of ten steps that another program has locked."""
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    monkeypatch.setattr(writers, "STOP_CHECK_SECONDS", 0.0)
    monkeypatch.setattr(writers, "FOLD_AFTER_SECONDS", 0.0)
    path = tmp_path / "runs.db"
    ended(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    other.execute("UPDATE runs SET note = note")
    yield path, other
    other.close()


def unlock(other: sqlite3.Connection) -> None:
    other.execute("ROLLBACK")
    other.close()


def resume_now(path, step: int | None = 10) -> RunWriter:
    with pytest.warns(RuntimeWarning, match="locked by another program .* joined to run r"):
        return RunWriter.open(path, Run("", "r"), resume=True, step=step)


def record(begun: RunWriter, steps: range) -> None:
    for step in steps:
        begun.points(step, ("loss",), [float(step)])


def check_joined(path, last: int, attempts: int = 2) -> None:
    store = Store(path)
    store.fold()
    (run,) = store.runs()
    np.testing.assert_array_equal(store.series(run.id, "loss").values, np.arange(1, last + 1))
    assert [attempt.number for attempt in store.attempts(run.id)] == list(range(attempts))
    assert list(store._database.tail.folder.iterdir()) == [] and store.check() == []


def test_a_locked_store_costs_a_resumed_run_nothing_and_joins_it_while_it_goes_on(locked):
    path, other = locked
    begun = resume_now(path)
    record(begun, range(11, 21))
    begun.event(Event(15, "note", "once"))
    with pytest.warns(RuntimeWarning, match="locked"):
        begun.tend()
    waited = begun.run.id
    unlock(other)
    begun.tend()
    assert begun.run.id != waited and (begun.run.attempt, begun.from_step) == (1, 10)
    assert Store(path).run("r").state == "running"
    record(begun, range(21, 31))
    begun.close()
    check_joined(path, 30)
    assert [(event.attempt, event.text) for event in Store(path).events(begun.run.id)] == [(1, "once")]


def test_it_joins_at_its_end_and_where_the_store_stays_locked_at_the_next_opening(locked, monkeypatch):
    path, other = locked
    first, second = resume_now(path), resume_now(path)
    record(first, range(11, 21))
    record(second, range(11, 21))
    with pytest.warns(RuntimeWarning, match="locked"):
        second.close()
    unlock(other)
    first.close()
    assert [attempt.number for attempt in Store(path).attempts(first.run.id)] == [0, 1]
    monkeypatch.setattr(process, "_born", lambda pid: -1.0)  # the process of the second is gone
    check_joined(path, 20, attempts=3)


def test_a_killed_one_is_joined_by_the_next_resume(locked):
    path, other = locked
    code = (
        "import os, signal, sys, warnings\nfrom barograph.db import Run, RunWriter\n"
        "from barograph.db.tables import engine\nengine.BUSY_SECONDS = 0.05\nwarnings.simplefilter('ignore')\n"
        "w = RunWriter.open(sys.argv[1], Run('', 'r'), resume=True, step=10)\n"
        "for s in range(11, 21): w.points(s, ('loss',), [float(s)])\n"
        "w.begin_attempt(15)\n"
        "for s in range(16, 21): w.points(s, ('loss',), [float(s)])\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)])
    unlock(other)
    begun = RunWriter.open(path, Run("", "r"), resume=True)
    assert (begun.run.attempt, begun.from_step) == (3, 20)
    record(begun, range(21, 31))
    begun.close()
    check_joined(path, 30, attempts=4)


def test_without_a_step_it_goes_on_where_its_own_steps_begin(locked):
    path, other = locked
    begun = resume_now(path, step=None)
    unlock(other)
    begun.tend()
    assert begun.resumes is not None, "where it goes on is known with its first step"
    record(begun, range(6, 21))
    begun.close()
    assert begun.from_step == 5
    check_joined(path, 20)


@pytest.mark.parametrize("damage", ["garbage", "newer"])
def test_a_damaged_or_newer_store_that_is_put_right_has_the_resumed_run(tmp_path, monkeypatch, damage):
    monkeypatch.setattr(writers, "FOLD_AFTER_SECONDS", 0.0)
    path = tmp_path / "runs.db"
    ended(path)
    right = path.read_bytes()
    if damage == "garbage":
        path.write_bytes(b"garbage!" * 4 + right[32:])
    else:
        with sqlite3.connect(path) as connection:
            connection.execute("INSERT INTO barograph_migrations VALUES ('m999_later', 0)")
        connection.close()
    with pytest.warns(RuntimeWarning, match="joined to run r"):
        begun = RunWriter.open(path, Run("", "r"), resume=True, step=10)
    record(begun, range(11, 21))
    for left in tmp_path.glob("runs.db*"):
        if left.is_file():
            left.unlink()
    path.write_bytes(right)
    begun.close()
    check_joined(path, 20)


def test_a_store_that_is_begun_anew_has_it_as_a_run_of_its_own(locked):
    path, other = locked
    begun = resume_now(path, step=0)
    record(begun, range(1, 11))
    other.close()
    for left in path.parent.glob("runs.db*"):
        if left.is_file():
            left.unlink()
    begun.close()
    check_joined(path, 10, attempts=1)
