"""Which run a resumed training goes on with, and as which attempt: no two processes ever write the same one."""

import threading

import numpy as np
import pytest

from barograph.db import Run, RunWriter, Store, resume


def ended(path, points: int = 10) -> None:
    writer = RunWriter.open(path, Run("", "r"))
    for step in range(1, points + 1):
        writer.points(step, ("loss",), [float(step)])
    writer.close("stopped")


def test_two_resumes_at_once_are_two_attempts_and_each_keeps_its_values(tmp_path, monkeypatch):
    path = tmp_path / "runs.db"
    ended(path)
    both, newest = threading.Barrier(2), resume.newest
    first_look = threading.local()

    def together(*arguments):
        found = newest(*arguments)
        if not hasattr(first_look, "over"):
            first_look.over = True
            both.wait(timeout=30)  # both have read the same last attempt before either writes
        return found

    monkeypatch.setattr(resume, "newest", together)
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
    assert sorted(writer.run.attempt for writer in opened) == [1, 2]
    for step in range(11, 21):
        for writer in opened:
            writer.points(step, ("loss",), [1000.0 * writer.run.attempt + step])
    for writer in opened:
        writer.close()
    store = Store(path)
    (run,) = store.runs()
    assert [(attempt.number, attempt.from_step) for attempt in store.attempts(run.id)] == [(0, 0), (1, 10), (2, 10)]
    for number in (1, 2):
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
