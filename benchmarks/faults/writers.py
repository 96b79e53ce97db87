"""32 processes write one store at once while it is read."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from barograph.db import Run, RunWriter, Store
from benchmarks.faults._support.processes import ended, start
from benchmarks.faults._support.tally import Tally
from benchmarks.faults._support.training import amiss


def write(path: Path, number: int, rows: int) -> None:
    writer = RunWriter.open(path, Run("", f"writer {number}"))
    for row in range(rows):
        steps = np.arange(row * 100 + 1, row * 100 + 101)
        writer.columns(steps, ("loss",), steps[:, None] * float(number + 1))
        writer.tend()
        time.sleep(0.02)
    writer.close()


def attack(folder: Path, quick: bool) -> Tally:
    path, rows, tally = folder / "runs.db", 5 if quick else 100, Tally()
    processes = [start(lambda number=number: write(path, number, rows)) for number in range(32)]  # type: ignore[misc]
    time.sleep(1.0)
    reader = Store(path)
    for _ in range(3 if quick else 20):
        wrong = 0
        for run in reader.runs():
            wrong += amiss(reader, run.id, 0, factor=float(int(run.name.split()[1]) + 1))[1]
        tally.count(True, "read while they write", wrong=wrong)
        time.sleep(0.1)
    reader.close()
    failed = [status for status in map(ended, processes) if status]
    store = Store(path)
    store.fold()
    runs = store.runs()
    tally.count(len(runs) == 32 and not failed and not store.check(), f"{len(runs)} runs, {failed}, {store.check()}")
    for run in runs:
        lost, wrong = amiss(store, run.id, rows * 100, factor=float(int(run.name.split()[1]) + 1))
        tally.count(run.state == "finished", f"{run.name} is {run.state}", lost=lost, wrong=wrong)
    store.close()
    return tally
