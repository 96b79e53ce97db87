"""The watcher: what it does to a store without any browser."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from barograph.dashboard.services.background.watcher import Watcher
from barograph.db import Store
from tests.dashboard import made_up
from tests.dashboard.services.alerts.inbox import eventually

ROOT = Path(__file__).parents[4]
DIES = """
import sys
from tests.dashboard import made_up
made_up.running(sys.argv[1])
print("up", flush=True)
sys.stdin.read()
"""


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
        assert run.state == "killed" and len(store.series(run.id, "loss")) == 1000
    finally:
        watcher.stop()
    assert not watcher.worker.alive


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
    assert watcher.worker.alive and len(caplog.records) == 1, "each kind of failure is told once"
    watcher.stop()


def test_of_three_watchers_one_works_and_another_takes_its_place(tmp_path):
    path = tmp_path / "runs.db"
    diverged = made_up.diverged(path)
    first, second, third = (Watcher(path) for _ in range(3))
    first.look()
    store = Store(path)
    assert {f.kind for f in store.findings(diverged)} >= {"non_finite"} and first._examined
    for other in (second, third):
        other.look()
        assert not other._examined
    first._end()
    second.look()
    third.look()
    assert second._examined and not third._examined
    second._end()
    third._end()
