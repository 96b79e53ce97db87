"""`barograph demo`: it trains, shows the dashboard, and both end with Ctrl-C."""

from __future__ import annotations

import signal
import time

import psutil

from barograph.db import Run, Store
from tests.dashboard.commands.processes import answer, ended, running


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
