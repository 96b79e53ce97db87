"""The way of a finding through the house: a process trains and diverges, the watcher sees it, tells, and stops it."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

from barograph.dashboard.services.background.watcher import Watcher
from barograph.dashboard.services.health import shared
from barograph.db import Store
from tests.dashboard.services.alerts.inbox import Inbox, eventually

ROOT = Path(__file__).parents[3]
TRAINS = """
import json, sys, time
import numpy as np
from barograph import watch

heard, noise = [], np.random.default_rng(0)
with watch(store=sys.argv[1], name="lr 1e-1", total_steps=100_000, on_finding=heard.append) as run:
    for step in range(1, 100_000):
        lost = max(0, step - 500)
        run.log(loss=2 + 3 * 0.99**step + 0.03 * noise.standard_normal() + 0.01 * lost if lost < 900 else float("nan"))
        if run.should_stop:
            break
        time.sleep(0.002)
    for _ in range(100):
        if heard:
            break
        time.sleep(0.05)
    said = [[one.kind, one.severity, one.sentence] for one in heard]
    print(json.dumps({"step": run.step, "why": run.stop_reason, "heard": said}))
"""


def test_a_run_that_diverges_is_found_told_and_stopped(tmp_path):
    post, path = Inbox(), tmp_path / "runs.db"
    threading.Thread(target=post.serve_forever, daemon=True).start()
    (tmp_path / "barograph.toml").write_text(
        f'[alerts]\nurls = ["{post.url}"]\nlink = "http://here"\n[stop]\nkinds = ["divergence", "non_finite"]\n'
    )
    watcher = Watcher(path, pause=0.1, idle=0.3).start()
    process = subprocess.Popen(
        [sys.executable, "-c", TRAINS, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    try:
        said = json.loads(process.communicate(timeout=120)[0])
        assert said["step"] < 99_999 and said["why"].startswith(("rule for divergence: ", "rule for non_finite: "))
        kinds = {kind for kind, *_ in said["heard"]}
        assert kinds & {"divergence", "non_finite", "loss_spike"}, said
        store = Store(path)
        (run,) = store.runs()
        assert eventually(lambda: store.run(run.id).state == "stopped")
        assert [event.text for event in store.events(run.id) if event.kind == "stop"] == [said["why"]]
        assert eventually(lambda: any(finding.alerted for finding in store.findings(run.id)))
        assert "http://here/Run?run=" in post.posts[0]["message"]
        assert eventually(lambda: shared(path).of(run.id).run.state == "stopped")
        found = shared(path).of(run.id)
        stored = {finding.key: finding.sentence for finding in store.findings(run.id)}
        assert eventually(lambda: {f.key for f in store.findings(run.id)} == {f.key for f in found.findings}), stored
    finally:
        watcher.stop()
        post.shutdown()
        post.server_close()
        if process.poll() is None:
            process.kill()
    assert not watcher.worker.alive
