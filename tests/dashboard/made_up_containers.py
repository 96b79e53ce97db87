"""A store of healthy runs, of a run for each container of configurations, and of odd ones."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import numpy as np

from barograph.collectors.recording.configuration import configuration
from barograph.db import Run, Store
from tests.containers import CONTAINERS

HEALTHY = ("healthy 1", "healthy 2")
ODD = {"a text": "lr: 0.001", "huge": {"lr": 10**400}, "a list": [1, {"a": 2}], "two cases": {"lr": 1, "LR": 2}}


def containers(path: Path) -> str:
    """Also a run whose configuration is stored as a text, as versions before 0.2 have stored some."""
    store = Store(path)
    configs = {name: {"lr": 1e-3} for name in HEALTHY} | {name: made() for name, made in CONTAINERS.items()} | ODD
    steps = np.arange(1, 101)
    for at, (name, config) in enumerate(configs.items()):
        run = Run(f"run{at:02d}", name, started=at + 1.0, state="finished", config=configuration(config))
        store.append(run, {"loss": (steps, 2 + at / 100 + 3 / steps)})
    with contextlib.closing(sqlite3.connect(path)) as raw, raw:
        odd = ('"learning_rate: 0.0005"', "[1, null]", "a text")
        raw.execute("UPDATE runs SET config = ?, tags = ? WHERE name = ?", odd)
    store.close()
    return "run00"
