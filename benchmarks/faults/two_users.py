"""Two users share a store: neither takes it from the other, and a journal that may not be read hides one run only."""

from __future__ import annotations

import os
from pathlib import Path

from barograph.db import Run, RunWriter, Store
from benchmarks.faults._support.processes import STRANGERS, command, run
from benchmarks.faults._support.tally import Tally, not_here
from benchmarks.faults._support.training import amiss, can_be_another, runs_named


def write(path: Path, name: str, umask: int, close: bool) -> None:
    """Writes 100 steps under a umask, and ends with or without a word."""
    os.umask(umask)
    writer = RunWriter.open(path, Run("", name))
    for step in range(1, 101):
        writer.points(step, ("loss",), [float(step)])
    if close:
        writer.close()
    os._exit(0)


def attack(folder: Path, quick: bool) -> Tally:
    if not can_be_another():
        return not_here("processes of other users cannot be made here (it takes root)")
    tally, (one, other) = Tally(), STRANGERS
    for umask in (0o000, 0o077) if quick else (0o000, 0o022, 0o027, 0o077):
        place, said = folder / f"{umask:o}", folder / f"{umask:o}.said"
        place.mkdir()
        place.chmod(0o777)
        path = place / "runs.db"
        run(lambda path=path: write(path, "mine", 0, True), said, one)  # type: ignore[misc]
        for made in (path, path.with_name("runs.db.journals")):
            made.chmod(0o777)
        run(lambda path=path, umask=umask: write(path, "theirs", umask, False), said, other)  # type: ignore[misc]

        def look(path: Path = path, umask: int = umask) -> None:
            store = Store(path)
            (mine,) = runs_named(store, "mine")
            assert amiss(store, mine, 100) == (0, 0)
            theirs = [run for run in store.runs() if run.problem or run.name == "theirs"]
            assert len(theirs) == 1, "the other's run is there, or its problem is said"
            assert theirs[0].problem or amiss(store, theirs[0].id, 100) == (0, 0)
            store.close()
            for words in (["runs"], ["check"], ["export", "mine", "--csv", path.with_suffix(f".{umask:o}.csv")]):
                status, shown = command(*words, "--store", path)
                assert status in (0, 1), shown

        status = run(look, said, one)
        tally.count(status == 0, f"umask {umask:o}: {said.read_text()[-300:]}")
    return tally
