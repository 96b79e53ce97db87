"""Resumes at the same moment, and while the store is locked, damaged or from the future."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from barograph.collectors import watch
from barograph.db import Store
from benchmarks.faults._support.processes import ended, start
from benchmarks.faults._support.tally import Tally
from benchmarks.faults._support.training import amiss


def first(path: Path) -> None:
    """A run of 100 steps to go on with."""
    with watch(store=path, name="one") as run:
        for step in range(1, 101):
            run.log(loss=float(step), step=step)


def go_on(path: Path, at: float, to: int, pause: float) -> None:
    while time.time() < at:
        time.sleep(0.0005)
    run = watch(store=path, name="one", resume=True, step=100)
    for step in range(101, to + 1):
        run.log(loss=float(step), step=step)
        time.sleep(pause)
    run.finish()


def at_once(folder: Path, tally: Tally) -> None:
    path = folder / "runs.db"
    first(path)
    at = time.time() + 0.3
    for pid in [start(lambda to=to: go_on(path, at, to, 0.001)) for to in (300, 301)]:  # type: ignore[misc]
        ended(pid)
    store = Store(path)
    store.fold()
    (run,) = store.runs()
    lost, wrong = amiss(store, run.id, 300)
    both = [len(store.series(run.id, "loss", attempt=number)) for number in (1, 2)]
    tally.count(sorted(both) == [200, 201], f"attempts of {both} steps", lost=lost, wrong=wrong)
    store.close()


def unreadable(folder: Path, how: str, tally: Tally) -> None:
    path, aside = folder / "runs.db", folder / "aside.db"
    first(path)
    lock = sqlite3.connect(path, isolation_level=None)
    if how == "locked":
        lock.execute("PRAGMA locking_mode = EXCLUSIVE")
        lock.execute("BEGIN EXCLUSIVE")
    else:
        lock.close()
        path.rename(aside)
        path.write_bytes(b"no database " * 500)
    pid = start(lambda: go_on(path, 0.0, 200, 0.0))
    ended(pid)
    if how == "locked":
        lock.close()
    else:
        path.unlink()
        aside.rename(path)
    store = Store(path)
    store.fold()
    runs = store.runs()
    lost, wrong = amiss(store, runs[0].id, 200)
    tally.count(len(runs) == 1, f"{how}: {len(runs)} runs", lost=lost, wrong=wrong)
    store.close()


def attack(folder: Path, quick: bool) -> Tally:
    tally = Tally()
    for number in range(1 if quick else 10):
        for name in ("at once", "locked", "damaged"):
            place = folder / f"{name}{number}"
            place.mkdir()
            if name == "at once":
                at_once(place, tally)
            else:
                unreadable(place, name, tally)
    return tally
