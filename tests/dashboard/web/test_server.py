"""What runs beside the pages: /healthz and the watcher."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from barograph.dashboard.services.background.watcher import Watcher
from barograph.dashboard.web.routes import routes
from barograph.db import Store
from tests.dashboard import made_up

ROOT = Path(__file__).parents[3]
DIES = """
import sys
from tests.dashboard import made_up
made_up.running(sys.argv[1])
print("up", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def health(monkeypatch, tmp_path):
    monkeypatch.setenv("BAROGRAPH_STORE", str(tmp_path / "runs.db"))
    return lambda: TestClient(Starlette(routes=routes)).get("/healthz")


def test_healthy_without_a_store_and_with_one(health, tmp_path):
    assert health().json()["runs"] == 0 and health().status_code == 200
    made_up.finished(tmp_path / "runs.db", 50)
    assert health().json() == {"status": "ok", "store": str(tmp_path / "runs.db"), "runs": 1, "running": 0}


def test_ill_when_the_store_is_none(health, tmp_path):
    (tmp_path / "runs.db").write_text("no database " * 200)
    answer = health()
    assert answer.status_code == 503 and "runs.db" in json.loads(answer.text)["reason"]


def eventually(found, seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found():
            return True
        time.sleep(0.1)
    return False


def test_the_watcher_folds_what_a_killed_writer_left(tmp_path):
    path = tmp_path / "runs.db"
    watcher = Watcher(path, pause=0.1, idle=0.5).start()
    writer = subprocess.Popen(
        [sys.executable, "-c", DIES, str(path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    writer.stdout.readline()
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait()
    try:
        assert eventually(lambda: path.exists() and not list(Path(f"{path}.journals").glob("*.journal")))
        store = Store(path)
        (run,) = store.runs()
        assert run.state == "stopped" and len(store.series(run.id, "loss")) == 1000
    finally:
        watcher.stop()
    assert not watcher._thread.is_alive()


def test_runs_that_ended_while_nobody_watched_are_examined(tmp_path):
    path = tmp_path / "runs.db"
    diverged, spiky = made_up.diverged(path), made_up.finished(path, 2000, seed=1)
    watcher = Watcher(path, pause=0.01, idle=30).start()
    try:
        store = Store(path)
        assert eventually(lambda: {f.kind for f in store.findings(diverged)} >= {"non_finite"})
        assert eventually(lambda: {f.kind for f in store.findings(spiky)} >= {"loss_spike"})
    finally:
        watcher.stop()


def test_the_watcher_survives_what_it_cannot_read(tmp_path, caplog):
    path = tmp_path / "runs.db"
    path.write_text("no database " * 200)
    watcher = Watcher(path, pause=0.05, idle=0.1).start()
    assert eventually(lambda: caplog.records)
    path.unlink()
    made_up.finished(path, 50)
    time.sleep(0.5)
    assert watcher._thread.is_alive() and len(caplog.records) == 1, "each kind of failure is told once"
    watcher.stop()
