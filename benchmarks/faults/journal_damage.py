"""Bits flip, blocks vanish and ends are cut off in the journal of a killed run."""

from __future__ import annotations

from pathlib import Path

from benchmarks.faults._support.tally import Tally
from benchmarks.faults._support.truth import damaged


def attack(folder: Path, quick: bool) -> Tally:
    def file(copy: Path) -> Path:
        return next(copy.glob("runs.db.journals/*.journal"))

    return damaged(folder, 2000, "kill", file, 25 if quick else 200, seed=1)
