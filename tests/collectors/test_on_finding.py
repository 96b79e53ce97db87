"""What comes back to training: findings, by a thread beside it, and why it should stop."""

from __future__ import annotations

import contextlib
import threading
import time

import pytest

from barograph.collectors import watch
from barograph.collectors.recording import recorder as module
from barograph.collectors.recording.recorder import Recorder
from barograph.db import Finding, Run, Store
from barograph.errors import StoreError


def spike(first: int) -> Finding:
    return Finding("gradient_spike", "w", first, first, first, 1, "a spike")


def eventually(found) -> bool:
    end = time.monotonic() + 5
    while not found() and time.monotonic() < end:
        time.sleep(0.01)
    return found()


@pytest.fixture
def writer(memory_writer, monkeypatch):
    monkeypatch.setattr(module, "TEND_SECONDS", 0.02)
    monkeypatch.setattr(module, "FINDING_SECONDS", 0.02)
    return memory_writer(Run(id="r", name="r"))


def test_each_finding_is_heard_by_the_recorders_thread(writer):
    heard = []
    recorder = Recorder(writer, on_finding=lambda one: heard.append((one.first, threading.current_thread().name)))
    writer.findings = [spike(1), spike(2)]
    assert eventually(lambda: len(heard) == 2)
    writer.findings = [spike(3)]
    assert eventually(lambda: len(heard) == 3)
    recorder.end("finished")
    assert heard == [(1, "barograph"), (2, "barograph"), (3, "barograph")]


def test_a_callback_that_fails_is_warned_of_once_and_the_next_finding_comes(writer):
    heard = []

    def fails(one):
        heard.append(one.first)
        raise RuntimeError("no phone")

    with pytest.warns(RuntimeWarning, match="on_finding failed .RuntimeError: no phone.; training goes on") as told:
        recorder = Recorder(writer, on_finding=fails)
        writer.findings = [spike(1), spike(2)]
        assert eventually(lambda: len(heard) == 2)
        recorder.end("finished")
    assert len(told) == 1 and writer.state == "finished"


def test_a_callback_may_end_the_run(writer):
    recorder = Recorder(writer, on_finding=lambda one: recorder.end("stopped"))
    writer.findings = [spike(1)]
    assert eventually(lambda: writer.state == "stopped")
    recorder._thread.join(timeout=5)
    assert not recorder._thread.is_alive()


def test_nobody_asks_where_nobody_wants_to_hear(writer):
    writer.found = lambda: pytest.fail("asked")
    recorder = Recorder(writer)
    before = writer.tended
    assert eventually(lambda: writer.tended > before + 2)
    recorder.end("finished")
    assert writer.state == "finished"


def test_it_must_be_a_function():
    with pytest.raises(ValueError, match="on_finding=<str>.: expected a function of one finding"):
        watch(on_finding="loud")


def test_where_nothing_comes_back_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("BAROGRAPH_NETWORK", "1")
    with pytest.warns(RuntimeWarning, match="on_finding is not called: .* network file system"):
        watch(store=tmp_path / "runs.db", on_finding=print).finish()


def test_a_stop_and_its_reason_arrive_and_are_on_the_timeline(tmp_path):
    with watch(store=tmp_path / "runs.db", name="a") as run:
        run.log(loss=1.0)
        assert run.stop_reason == "" and not run.should_stop
        assert eventually((tmp_path / "runs.db").exists)
        store = Store(tmp_path / "runs.db")
        assert eventually(lambda: store.latest(run.id))
        for _ in range(100):  # until the writer has taken its beginning into the tables
            with contextlib.suppress(StoreError):
                store.request_stop(run.id, "the loss is lost")
                break
            time.sleep(0.05)
        assert eventually(lambda: run.should_stop)
        assert run.stop_reason == "the loss is lost"
    assert store.run("a").state == "stopped"
    assert [(e.kind, e.text) for e in store.events(run.id)] == [("stop", "the loss is lost")]
