"""The disk is full: training goes on, what waits is written once there is room, and what is lost is counted."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from barograph.collectors import watch
from barograph.db import Store
from benchmarks.faults._support.processes import command, ended, start
from benchmarks.faults._support.tally import Tally, not_here
from benchmarks.faults._support.training import amiss


@contextlib.contextmanager
def small(folder: Path) -> Iterator[Path | None]:
    """A file system of 4 MB of its own; None where it may not be mounted."""
    folder.mkdir()
    how = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(how, capture_output=True).returncode == 0
    except OSError:
        mounted = False
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True, capture_output=True)


def fill(folder: Path) -> Path:
    """Fills the file system to the last byte."""
    stuffing = folder / "stuffing"
    with open(stuffing, "wb", buffering=0) as file, contextlib.suppress(OSError):
        for size in (65536, 4096, 1):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)):
                    pass
    return stuffing


def attack(folder: Path, quick: bool) -> Tally:
    tally = Tally()
    for number in range(2 if quick else 6):
        with small(folder / str(number)) as disk:
            if disk is None:
                return not_here("a file system of its own cannot be mounted here (it takes root, and mount)")
            _one(disk, folder / f"{number}.said", number % 2 == 0, tally)
    return tally


def _one(disk: Path, said: Path, from_the_start: bool, tally: Tally) -> None:
    path, gate = disk / "runs.db", said.with_suffix(".gate")
    if not from_the_start:
        with watch(store=path, name="before") as run:
            run.log(loss=1.0, step=1)
    stuffing = fill(disk)

    def work() -> None:
        run = watch(store=path, name="full")
        for step in range(1, 2001):
            run.log(loss=float(step), step=step)
            if step == 1000:
                gate.touch()
                while stuffing.exists():
                    time.sleep(0.02)
        time.sleep(1.5)
        run.finish()

    pid = start(work, said)
    while not gate.exists():
        time.sleep(0.02)
    if not from_the_start:
        status, shown = command("runs", "--store", path)
        tally.count(status == 0 and "before" in shown, f"reading on a full disk: {shown}")
    time.sleep(1.5)  # for training to notice
    os.unlink(stuffing)
    status = ended(pid)
    store = Store(path)
    (run,) = [one for one in store.runs() if one.name == "full"]
    lost, wrong = amiss(store, run.id, 2000)
    counted = sum(store.series(run.id, "dropped").values) if "dropped" in store.signals(run.id) else 0
    words = said.read_text()
    tally.count(
        status == 0 and "No space left" in words, f"status {status}: {words[:200]}",
        lost=0 if counted else lost, wrong=wrong,
    )  # fmt: skip
    store.close()
