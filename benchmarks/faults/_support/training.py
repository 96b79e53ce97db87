"""Training runs whose logs are acknowledged one by one, and what the store has of them."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from barograph.collectors import watch
from barograph.db import Store


def train(path: Path, name: str, acknowledged: Path, steps: int, pause: float = 0.0, **options: object) -> None:
    """Logs the step as the loss, and writes each step down once its `log` has returned."""
    with open(acknowledged, "wb", buffering=0) as told:
        run = watch(store=path, name=name, **options)  # type: ignore[arg-type]
        for step in range(1, steps + 1):
            run.log(loss=float(step), step=step)
            told.write(b"%d\n" % step)
            time.sleep(pause)
        run.finish()


def last(acknowledged: Path) -> int:
    """The last step whose `log` has returned; 0 before the first."""
    lines = acknowledged.read_bytes().split() if acknowledged.exists() else []
    return int(lines[-1]) if lines else 0


def begun(acknowledged: Path, seconds: float = 60.0) -> None:
    """Waits until a first log has returned."""
    end = time.monotonic() + seconds
    while not last(acknowledged) and time.monotonic() < end:
        time.sleep(0.005)


def amiss(store: Store, run: str, steps: int, signal: str = "loss", factor: float = 1.0) -> tuple[int, int]:
    """(values lost, values wrong) of a series that should hold the steps 1 to `steps`, times `factor`, or more."""
    found = store.series(run, signal)
    lost = steps - int(np.isin(np.arange(1, steps + 1), found.steps).sum())
    return lost, int((found.values != found.steps * factor).sum())


def runs_named(store: Store, name: str) -> Sequence[str]:
    """The ids of the runs of a name."""
    return [run.id for run in store.runs() if run.name == name]


def can_be_another() -> bool:
    """Whether processes of other users can be made here."""
    return os.geteuid() == 0
