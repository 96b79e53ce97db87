"""The demo is an ordinary user of `watch`, and ends cleanly."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from barograph import db
from barograph.collectors import demo

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1"}
TINY = ["--width", "16", "--layers", "1", "--context", "32", "--batch", "2", "--evaluate", "5"]


@pytest.mark.parametrize("kind", ["cosine", "wsd"])
def test_a_short_run(tmp_path, kind):
    path = tmp_path / "runs.db"
    assert demo.main(["--steps", "12", "--store", str(path), "--name", "short", "--schedule", kind, *TINY]) == 0
    s = db.Store(path)
    run = s.run("short")
    assert (run.state, run.last_step, run.steps_planned) == ("finished", 12, 12)
    losses = s.series(run.id, "loss").values
    assert losses[0] == pytest.approx(math.log(256), rel=0.05) and len(losses) == 12
    assert s.series(run.id, "val_loss").steps.tolist() == [0, 5, 10, 12]
    assert run.size["embedding"] == 256 * 16 + 32 * 16 and run.tokens_per_step == 64
    assert [p.group for p in s.plans(run.id)] == ["0", "1"]
    assert not s.events(run.id)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_is_ended_cleanly_as_stopped(tmp_path, how):
    path = tmp_path / "runs.db"
    command = [sys.executable, "-m", "barograph.collectors.demo", "--store", str(path), *TINY]
    process = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline().startswith("step 100/4000")
    process.send_signal(how)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 0 and "Traceback" not in said
    (run,) = db.Store(path).runs()
    assert run.state == "stopped" and run.last_step >= 100 and run.name.count("-") == 2


def test_it_stops_when_asked_to(tmp_path):
    path = tmp_path / "runs.db"
    command = [
        sys.executable,
        "-m",
        "barograph.collectors.demo",
        "--store",
        str(path),
        "--steps",
        "1000000",
        "--name",
        "long",
    ]
    process = subprocess.Popen([*command, *TINY], env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    while not path.exists():
        time.sleep(0.1)
    s = db.Store(path)
    s.request_stop(s.run("long").id)
    process.communicate(timeout=60)
    assert process.returncode == 0 and s.run("long").state == "stopped"


def test_the_loss_falls(tmp_path):
    arguments = ["--steps", "60", "--store", str(tmp_path / "runs.db"), "--name", "a", "--width", "32", "--layers", "1"]
    demo.main([*arguments, "--context", "32", "--evaluate", "30"])
    s = db.Store(tmp_path / "runs.db")
    held_out = s.series(s.run("a").id, "val_loss").values
    assert held_out[-1] < held_out[0] - 1.5


def test_files_are_held_out():
    training, held_out = demo.source_bytes()
    assert 0.02 < len(held_out) / len(training) < 0.1
    generator = torch.Generator().manual_seed(0)
    tokens, targets = demo.batch_of(training, 3, 16, generator)
    assert tokens.shape == targets.shape == (3, 16) and torch.equal(tokens[:, 1:], targets[:, :-1])
