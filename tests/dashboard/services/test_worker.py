"""A worker: runs when woken and after its interval, survives failures, and ends when asked."""

import logging
import threading
import time

from barograph.dashboard.services import worker as worker_module
from barograph.dashboard.services.worker import Worker
from tests.dashboard.services.alerts.inbox import eventually

LOG = logging.getLogger("barograph.test")


def test_it_runs_at_once_and_when_woken_and_not_otherwise():
    runs: list[int] = []
    worker = Worker("testing", lambda: runs.append(1), LOG)  # None: only when woken
    assert not worker.started and not worker.alive
    worker.start()
    assert eventually(lambda: len(runs) == 1)
    time.sleep(0.1)
    assert len(runs) == 1
    worker.wake()
    assert eventually(lambda: len(runs) == 2)
    worker.stop()
    assert worker.started and not worker.alive


def test_it_runs_again_after_the_interval_that_the_job_asks_for():
    runs: list[float] = []

    def job() -> float:
        runs.append(time.monotonic())
        return 0.05

    worker = Worker("testing", job, LOG)
    worker.start()
    assert eventually(lambda: len(runs) >= 3)
    worker.stop()
    assert min(b - a for a, b in zip(runs, runs[1:], strict=False)) > 0.04


def test_many_wakes_are_one_run_a_pause():
    runs: list[int] = []
    worker = Worker("testing", lambda: runs.append(1), LOG, pause=0.3)
    worker.start()
    assert eventually(lambda: len(runs) == 1)
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        worker.wake()
        time.sleep(0.01)
    worker.stop()
    assert len(runs) <= 3


def test_a_wake_during_a_run_is_not_lost():
    runs: list[int] = []
    begun, go_on = threading.Event(), threading.Event()

    def job() -> None:
        runs.append(1)
        begun.set()
        go_on.wait(5)

    worker = Worker("testing", job, LOG)
    worker.start()
    begun.wait(5)
    worker.wake()
    go_on.set()
    assert eventually(lambda: len(runs) == 2)
    worker.stop()


def test_a_failure_is_one_sentence_once_and_it_goes_on(caplog, monkeypatch):
    monkeypatch.setattr(worker_module, "RETRY", 0.01)
    runs: list[int] = []

    def job() -> None:
        runs.append(1)
        if len(runs) < 4:
            raise ValueError("the store is locked") if len(runs) > 1 else KeyError("bug")

    worker = Worker("watching runs.db", job, LOG)
    worker.start()
    assert eventually(lambda: len(runs) == 4)
    worker.stop()
    assert [r.getMessage() for r in caplog.records] == [
        "watching runs.db: KeyError('bug')",
        "watching runs.db: the store is locked",
    ]


def test_it_rests_so_that_it_keeps_within_its_share_of_a_core():
    runs: list[float] = []

    def job() -> float:
        runs.append(time.monotonic())
        busy = time.thread_time()
        while time.thread_time() - busy < 0.05:
            pass
        return 0.0

    worker = Worker("testing", job, LOG, share=0.25)
    worker.start()
    assert eventually(lambda: len(runs) >= 3)
    worker.stop()
    assert min(b - a for a, b in zip(runs, runs[1:], strict=False)) > 0.19, "0.05 s of work, then 0.15 s of rest"


def test_stop_ends_a_long_wait_at_once_and_the_end_runs_in_the_thread():
    ended: list[str] = []
    worker = Worker("testing", lambda: 1000.0, LOG, at_end=lambda: ended.append(threading.current_thread().name))
    worker.start()
    before = time.monotonic()
    worker.stop()
    assert time.monotonic() - before < 2 and not worker.alive and ended == ["barograph.test"]


def test_stop_before_start_is_nothing():
    worker = Worker("testing", lambda: None, LOG)
    worker.stop()
    assert not worker.started
