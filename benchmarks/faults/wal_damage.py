"""Bits flip, blocks vanish and ends are cut off in SQLite's write-ahead log, and in the database beside it."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

from benchmarks.faults._support.tally import Tally
from benchmarks.faults._support.truth import damaged


def attack(folder: Path, quick: bool) -> Tally:
    names = cycle(["runs.db-wal", "runs.db-wal", "runs.db"])
    return damaged(folder, 2000, "folded", lambda copy: copy / next(names), 25 if quick else 210, seed=3)
