"""`barograph serve` and `demo` as real processes: they answer, they end cleanly, they leave nothing running."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from barograph.db import Run, Store

ROOT = Path(__file__).resolve().parents[3]
ENTRY = "from barograph.dashboard.commands._app import app; app()"


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(folder: Path, *words: object):
    """The command in a folder of its own; whatever it started is gone at the end."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-P", "-c", ENTRY, *map(str, words)]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    process = subprocess.Popen(command, cwd=folder, env=environment, **streams)
    try:
        yield process
    finally:
        family = [*psutil.Process(process.pid).children(recursive=True), process] if process.poll() is None else []
        for one in family:
            one.kill()
        process.communicate()


def answer(port: int, process: subprocess.Popen, seconds: float = 60) -> bytes:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit and process.poll() is None:
        with contextlib.suppress(OSError):
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).read()
        time.sleep(0.1)
    raise AssertionError(
        f"no answer; the command said: {process.communicate()[0] if process.poll() is not None else ''}"
    )


def ended(process: subprocess.Popen, by: signal.Signals) -> str:
    """Sends a signal and returns what the command said; all that it started has ended with it."""
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(by)
    said = process.communicate(timeout=40)[0]
    assert family and not psutil.wait_procs(family, timeout=5)[1]
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_serve_from_any_folder_until_ctrl_c(tmp_path, port, by):
    Store(tmp_path / "mine.db").append(Run("a", "a"), {"loss": ([0], [1.0])})
    with running(tmp_path, "serve", "--store", "mine.db", "--port", port) as process:
        assert b'"runs":1' in answer(port, process).replace(b" ", b"")
        page = urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10).read()
        assert b"<html" in page
        family = psutil.Process(process.pid).children(recursive=True)
        open_at = [c for one in family for c in one.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
        listening = [c.laddr.ip for c in open_at if c.laddr.port == port]
        assert listening == ["127.0.0.1"]
        said = ended(process, by)
    assert process.returncode == 0 and f"http://127.0.0.1:{port}" in said


@pytest.mark.parametrize("words", [["serve"], ["demo"]])
def test_a_port_that_is_taken_is_one_sentence(tmp_path, port, words):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with running(tmp_path, *words, "--port", port) as process:
            said = process.communicate(timeout=60)[0]
    assert process.returncode == 1 and f"port {port} on 127.0.0.1 is taken" in said and said.count("\n") == 1


def test_serve_without_the_folder_of_the_store(tmp_path, port):
    with running(tmp_path, "serve", "--store", "no/runs.db", "--port", port) as process:
        said = process.communicate(timeout=60)[0]
    assert process.returncode == 1 and "no folder" in said and said.count("\n") == 1


def test_demo_trains_and_exits(tmp_path):
    Store(tmp_path / "runs.db").append(Run("old", "old"), {"loss": ([0], [1.0])})
    words = ("demo", "--no-serve", "--steps", 3, "--name", "three", "--schedule", "wsd", "--seed", 5)
    with running(tmp_path, *words) as process:
        said = process.communicate(timeout=120)[0]
    assert process.returncode == 0, said
    runs = {run.name: run for run in Store(tmp_path / "runs.db").runs()}
    assert set(runs) == {"old", "three"} and (runs["three"].state, runs["three"].steps_planned) == ("finished", 3)
    assert (runs["three"].config["schedule"], runs["three"].config["seed"]) == ("wsd", 5)


def test_ctrl_c_ends_the_demo_and_its_dashboard(tmp_path, port):
    with running(tmp_path, "demo", "--port", port, "--name", "long") as process:
        answer(port, process)
        limit = time.monotonic() + 60
        while time.monotonic() < limit and not any(run.last_step for run in Store(tmp_path / "runs.db").runs()):
            time.sleep(0.2)
        said = ended(process, signal.SIGINT)
    assert process.returncode == 0 and f"Dashboard: http://127.0.0.1:{port}" in said
    (run,) = Store(tmp_path / "runs.db").runs()
    assert (run.name, run.state) == ("long", "stopped") and run.last_step


def test_the_dashboard_stays_when_the_training_has_ended(tmp_path, port):
    with running(tmp_path, "demo", "--port", port, "--steps", 2) as process:
        answer(port, process)
        limit = time.monotonic() + 90
        while time.monotonic() < limit and len(psutil.Process(process.pid).children()) > 1:
            time.sleep(0.2)
        time.sleep(0.5)
        assert b"ok" in answer(port, process)
        said = ended(process, signal.SIGINT)
    assert process.returncode == 0 and "the training has ended; the dashboard stays until Ctrl-C" in said
    assert [run.state for run in Store(tmp_path / "runs.db").runs()] == ["finished"]
