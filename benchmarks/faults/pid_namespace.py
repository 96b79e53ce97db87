"""A trainer in a process space of its own, a container, is stopped for long: it is not dead, and loses nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from barograph.db import Store
from barograph.errors import StoreError
from benchmarks.faults._support.tally import Tally, not_here
from benchmarks.faults._support.training import amiss, begun, last

SPACE = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child"]
TRAIN = (
    "import sys; from pathlib import Path; from benchmarks.faults._support.training import train; "
    "train(Path(sys.argv[1]), 'inside', Path(sys.argv[2]), int(sys.argv[3]), 0.002)"
)
AGE = 3600.0  # seconds that its journals have been still, by their time: as if it had been stopped for so long


def attack(folder: Path, quick: bool) -> Tally:
    try:
        subprocess.run([*SPACE, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return not_here("process spaces cannot be made here")
    tally, steps = Tally(), 600 if quick else 3000
    for number in range(1 if quick else 4):
        path, told = folder / f"{number}.db", folder / f"{number}.told"
        with subprocess.Popen([*SPACE, sys.executable, "-c", TRAIN, str(path), str(told), str(steps)]) as outer:
            try:
                begun(told)
                time.sleep(0.2 + number)
                state = _state_while_stopped(path, psutil.Process(outer.pid).children()[0])
                outer.wait()
            finally:
                outer.kill()
        store = Store(path)
        store.fold()
        (run,) = store.runs()
        lost, wrong = amiss(store, run.id, last(told))
        ends = f"{state}, then {run.state}"
        tally.count(ends == "running, then finished" and last(told) == steps, ends, lost=lost, wrong=wrong)
        store.close()
    return tally


def _state_while_stopped(path: Path, inside: psutil.Process) -> str:
    """What the run is taken for, and folded as, while its trainer is stopped and its journals are old."""
    while True:
        inside.send_signal(signal.SIGSTOP)
        try:
            for journal in path.with_name(f"{path.name}.journals").glob("*.journal"):
                os.utime(journal, (time.time() - AGE,) * 2)
            store = Store(path)
            store.fold()
            state = store.runs()[0].state
            store.close()
            return state
        except StoreError:  # it was stopped in a transaction, which keeps everybody out
            continue
        finally:
            inside.send_signal(signal.SIGCONT)
            time.sleep(0.05)
