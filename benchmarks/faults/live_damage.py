"""One bad byte in the journal of a run that goes on: what comes behind it is seen, and what is missing is said."""

from __future__ import annotations

import random
import time
from pathlib import Path

from barograph.db import Run, RunWriter, Store
from barograph.keys import part_of, signal_of
from benchmarks.faults._support.processes import ended, start
from benchmarks.faults._support.tally import Tally
from benchmarks.faults._support.truth import FACTORS, KEYS, look


def write(path: Path, steps: int, pause: float) -> None:
    writer = RunWriter.open(path, Run("known", "known", started=time.time()))
    for step in range(1, steps + 1):
        writer.points(step, KEYS, [step * factor for factor in FACTORS.values()])
        time.sleep(pause)
        if step % 100 == 0:
            writer.tend()
    writer.close()


def attack(folder: Path, quick: bool) -> Tally:
    tally, chance, steps = Tally(), random.Random(6), 1500
    for number in range(2 if quick else 10):
        path = folder / f"{number}.db"
        pid = start(lambda path=path: write(path, steps, 0.001))  # type: ignore[misc]
        time.sleep(1.0)
        (journal,) = path.with_name(f"{path.name}.journals").glob("*.journal")
        at = journal.stat().st_size - chance.randrange(1, 4000)
        with open(journal, "r+b") as file:
            file.seek(max(at, 400))
            byte = file.read(1)[0]
            file.seek(max(at, 400))
            file.write(bytes([byte ^ 1 << chance.randrange(8)]))
        ended(pid)
        seen = look(path, steps)
        store = Store(path)
        missing = max(steps - len(store.series("known", signal_of(key), part_of(key))) for key in KEYS)
        store.close()
        held = not seen.crash and (not missing or (seen.said and missing <= 3))
        silent = not seen.said
        what = f"byte {at}: {missing} of {steps} steps are not shown; said: {seen.said}; {seen.crash}"
        tally.count(held, what, lost=silent * seen.missing, wrong=silent * seen.wrong)
    return tally
