"""Processes that a command starts: they have its environment, and end with it, by force if need be."""

from __future__ import annotations

import os
import signal
import sys
import time

import pytest

from barograph.dashboard.commands import _children


def code(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def test_a_process_knows_the_store_and_ends_with_the_block(tmp_path):
    out = tmp_path / "out"
    told = f"import os, time; open({str(out)!r}, 'w').write(os.environ['BAROGRAPH_STORE'] + os.environ['EXTRA'])"
    with _children.started(code(told + "; time.sleep(60)"), tmp_path / "runs.db", EXTRA="!") as process:
        limit = time.monotonic() + 20
        while time.monotonic() < limit and not (out.exists() and out.read_text()):
            time.sleep(0.05)
        assert process.poll() is None
    assert process.returncode == -signal.SIGTERM and out.read_text() == f"{tmp_path / 'runs.db'}!"


def test_a_process_that_does_not_end_when_asked_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(_children, "PATIENCE", 0.5)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    with _children.started(code(deaf), tmp_path / "runs.db", quiet=True) as process:
        time.sleep(1.0)
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_block_and_the_handlers_are_put_back(by):
    before, after = signal.getsignal(by), []
    with _children.interruptible():
        os.kill(os.getpid(), by)
        time.sleep(5)
        after.append("not reached")
    assert signal.getsignal(by) == before and not after


def test_a_hangup_that_nohup_ignores_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with _children.interruptible():
            os.kill(os.getpid(), signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            reached = True
        assert reached and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_waiting_for_a_server_ends_when_its_process_has(tmp_path, port):
    with _children.started(code("pass"), tmp_path / "runs.db") as process:
        assert not _children.wait_for("127.0.0.1", port, process)


def test_the_demo_passes_on_the_options_that_were_given(tmp_path):
    words = _children.training(tmp_path / "runs.db", {"steps": 3, "name": None, "seed": 0})
    assert words[-6:] == ["--store", str(tmp_path / "runs.db"), "--steps", "3", "--seed", "0"]
