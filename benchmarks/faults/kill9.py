"""SIGKILL at a random moment: what `log` returned for is there, in the tail and folded, and the run is killed."""

from __future__ import annotations

import random
import time
from pathlib import Path

from barograph.dashboard.services.health import HealthChecks
from barograph.db import Store
from benchmarks.faults._support.processes import command, killed, start
from benchmarks.faults._support.tally import Tally
from benchmarks.faults._support.training import amiss, begun, last, train


def attack(folder: Path, quick: bool) -> Tally:
    tally, chance = Tally(), random.Random(4)
    for number in range(4 if quick else 50):
        path, told = folder / f"{number}.db", folder / f"{number}.told"
        pid = start(lambda path=path, told=told: train(path, "k", told, 10**9))  # type: ignore[misc]
        begun(told)
        time.sleep(chance.uniform(0.0, 1.5))
        killed(pid)
        store, what = Store(path), f"at step {last(told)}"
        for folded in (False, True):
            if folded:
                store.fold()
            (run,) = store.runs()
            lost, wrong = amiss(store, run.id, last(told))
            torn = all("damaged at byte" in problem for problem in store.check())  # the frame that was being written
            tally.count(run.state == "killed" and torn, f"{what}: {run.state}, {store.check()}", lost=lost, wrong=wrong)
        verdict = HealthChecks(store).of(run.id).verdict
        store.close()
        shown = command("runs", "--where", "state = 'killed'", "--store", path)
        tally.count("killed" in verdict and shown[0] == 0 and "killed" in shown[1], f"{what}: {verdict!r}; {shown!r}")
    return tally
