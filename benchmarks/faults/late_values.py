"""Values behind the run's step, threads with steps of their own, and trainings that go back."""

from __future__ import annotations

import random
import threading
from pathlib import Path

from barograph.collectors import watch
from barograph.collectors.run import LiveRun
from barograph.db import Store
from benchmarks.faults._support.tally import Tally
from benchmarks.faults._support.training import amiss


def late(run: LiveRun, chance: random.Random) -> None:
    """Every step once, and evaluations of steps long gone, in any order."""
    due = [step for step in range(10, 1601, 10)]
    for step in range(1, 1601):
        run.log(loss=float(step), step=step)
        if step > 400 and chance.random() < 0.1:
            at = due.pop(chance.randrange(min(len(due), 40)))
            run.log(val_loss=float(at), step=at)
    for at in due:
        run.log(val_loss=float(at), step=at)


def threads(run: LiveRun, chance: random.Random) -> None:
    """Eight threads, each with a name and steps of its own."""

    def work(name: str) -> None:
        for step in range(1, 501):
            run.log({name: float(step)}, step=step)

    names = [f"worker_{number}" for number in range(8)]
    chance.shuffle(names)
    begun = [threading.Thread(target=work, args=(name,)) for name in names]
    for thread in begun:
        thread.start()
    for thread in begun:
        thread.join()


def back(run: LiveRun, chance: random.Random) -> None:
    """Trains to a step, goes back to an earlier one, and on."""
    left = chance.randrange(300, 600)
    for step in (*range(1, left), *range(left - chance.randrange(50, 250), 701)):
        run.log(loss=float(step), step=step)


def attack(folder: Path, quick: bool) -> Tally:
    tally, chance = Tally(), random.Random(5)
    for number in range(1 if quick else 8):
        for work, series, steps, attempts in (
            (late, ["loss"], 1600, 1),
            (threads, [f"worker_{n}" for n in range(8)], 500, 1),
            (back, ["loss"], 700, 2),
        ):
            path = folder / f"{work.__name__}{number}.db"
            with watch(store=path, name="run") as run:
                work(run, chance)
            store = Store(path)
            (found,) = store.runs()
            counts = [amiss(store, found.id, steps, name) for name in series]
            if work is late:
                counts.append((160 - len(store.series(found.id, "val_loss")), amiss(store, found.id, 0, "val_loss")[1]))
            said = sum(event.kind == "restart" for event in store.events(found.id)) == attempts - 1
            held = said and len(store.attempts(found.id)) == attempts and found.last_step == steps
            lost, wrong = map(sum, zip(*counts, strict=True))
            tally.count(held, f"{work.__name__}: {store.attempts(found.id)}", lost=lost, wrong=wrong)
            store.close()
    return tally
