"""The machine's clock jumps back and forth, by up to more than a year: the run's own time goes on."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from barograph.collectors import watch
from barograph.db import Store
from benchmarks.faults._support.processes import run
from benchmarks.faults._support.tally import Tally
from benchmarks.faults._support.training import amiss

DAY = 86_400.0


def train(path: Path, jump: float) -> None:
    """Jumps at step 100 by `jump` seconds, and at step 200 by as much the other way and again."""
    real, off = time.time, 0.0
    time.time = lambda: real() + off
    live = watch(store=path, name="clock")
    for step in range(1, 301):
        off = (0.0, jump, -jump)[step // 100 % 3]
        live.log(loss=float(step), step=step)
        time.sleep(0.002)
    live.finish()


def attack(folder: Path, quick: bool) -> Tally:
    tally = Tally()
    for number, jump in enumerate((-400 * DAY, 3600.0) if quick else (-400 * DAY, 400 * DAY, 3600.0, -3600.0, -0.5)):
        path = folder / f"{number}.db"
        run(lambda path=path, jump=jump: train(path, jump))  # type: ignore[misc]
        store = Store(path)
        (found,) = store.runs()
        times = store.series(found.id, "time").values
        lost, wrong = amiss(store, found.id, 300)
        sound = bool((np.diff(times) >= 0).all()) and float(np.ptp(times)) < 60 and not store.check()
        tally.count(sound and found.state == "finished", f"{jump:g} s: {found.state}", lost=lost, wrong=wrong)
        store.close()
    return tally
