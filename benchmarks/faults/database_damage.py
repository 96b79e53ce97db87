"""Bits flip, blocks vanish and ends are cut off in the database."""

from __future__ import annotations

from pathlib import Path

from benchmarks.faults._support.tally import Tally
from benchmarks.faults._support.truth import damaged


def attack(folder: Path, quick: bool) -> Tally:
    return damaged(folder, 20_000, "close", lambda copy: copy / "runs.db", 25 if quick else 250, seed=2)
