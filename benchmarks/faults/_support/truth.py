"""A run whose every value is known, and what a store shows of it after something went wrong."""

from __future__ import annotations

import os
import random
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from barograph.db import Event, Run, RunWriter, Store
from barograph.db.series.keys import SeriesKey
from barograph.errors import BarographError
from barograph.keys import part_of, signal_of

from .processes import run
from .tally import Tally

FACTORS: dict[SeriesKey, float] = {"loss": 0.5, "lr": 2.0, ("grad", "a"): 3.0, ("grad", "b"): 4.0}
KEYS, VALUES = tuple(FACTORS), np.array(list(FACTORS.values()))
KINDS = ("truncate", "flip", "zero", "zero tail", "garbage")


@dataclass
class Seen:
    """What a store shows of the known run.

    `said`: a reading, the run's timeline or `check` names a problem; `crash`: an error that names no remedy.
    """

    missing: int = 0
    wrong: int = 0
    said: bool = False
    crash: str = ""


def write(path: Path, steps: int, end: str) -> None:
    """Writes the known run; `end`: "close", "kill" (all in its journal) or "folded" (killed, in SQLite's log)."""

    def work() -> None:
        writer = RunWriter.open(path, Run("known", "known", started=1.0))
        for step in range(1, steps + 1):
            writer.points(step, KEYS, [step * factor for factor in FACTORS.values()])
        writer.event(Event(step=steps, kind="data", text="the last", time=1.0))
        if end == "folded":
            writer.tend()
        if end == "close":
            writer.close()
        else:
            os.kill(os.getpid(), signal.SIGKILL)

    run(work)


def look(path: Path, steps: int, name: str = "known") -> Seen:
    """What is shown of the known run, whole and in buckets."""
    seen = Seen()
    try:
        store = Store(path)
    except BarographError:
        return Seen(missing=steps * len(KEYS), said=True)
    except Exception as error:
        return Seen(crash=f"opening: {error!r}")
    try:
        for what in (store.fold, lambda: _points(store, name, steps, seen), lambda: _checked(store, seen)):
            try:
                what()
            except BarographError:
                seen.said = True
    except Exception as error:
        seen.crash = repr(error)
    finally:
        store.close()
    return seen


def _points(store: Store, name: str, steps: int, seen: Seen) -> None:
    known = [one for one in store.runs() if one.name == name]
    if not known:
        seen.missing += steps * len(KEYS)
        return
    seen.said |= bool(known[0].problem) or any(
        event.kind in ("lost", "left out") for event in store.events(known[0].id)
    )
    for key, factor in FACTORS.items():
        try:
            found = store.series(known[0].id, signal_of(key), part_of(key))
            buckets = store.buckets(known[0].id, signal_of(key), part_of(key), width=50)
        except BarographError:
            seen.said = True
            seen.missing += steps
            continue
        right = (found.values == found.steps * factor) & (found.steps >= 1) & (found.steps <= steps)
        seen.wrong += int((~right).sum())
        seen.missing += steps - int(right.sum())
        mean = (buckets.first + buckets.last) / 2 * factor
        whole = buckets.n == buckets.last - buckets.first + 1
        fits = (buckets.low == buckets.first * factor) & (buckets.high == buckets.last * factor)
        fits &= ~whole | np.isclose(buckets.mean, mean, rtol=1e-6)
        seen.wrong += int((~fits & (buckets.n > buckets.bad)).sum())


def _checked(store: Store, seen: Seen) -> None:
    seen.said |= bool(store.check())


def damage(file: Path, kind: str, chance: random.Random) -> str:
    """Damages a file at one place; which."""
    size = file.stat().st_size
    at = chance.randrange(size)
    if kind == "truncate":
        os.truncate(file, at)
    elif kind == "zero tail":
        os.truncate(file, at)
        os.truncate(file, size)
    else:
        with open(file, "r+b") as handle:
            handle.seek(at)
            old = handle.read(1 if kind == "flip" else min(4096 if kind == "zero" else 64, size - at))
            new = bytes([old[0] ^ 1 << chance.randrange(8)]) if kind == "flip" else bytes(len(old))
            handle.seek(at)
            handle.write(chance.randbytes(len(old)) if kind == "garbage" else new)
    return f"{kind} at byte {at} of {size}"


def damaged(folder: Path, steps: int, end: str, file: Callable[[Path], Path], times: int, seed: int) -> Tally:
    """Damages copies of a known store, `times` times, and counts what is shown of each."""
    whole, tally, chance = folder / "whole", Tally(), random.Random(seed)
    whole.mkdir()
    write(whole / "runs.db", steps, end)
    for number in range(times):
        copy = folder / "copy"
        shutil.copytree(whole, copy)
        what = damage(file(copy), KINDS[number % len(KINDS)], chance)
        seen = look(copy / "runs.db", steps)
        held = not seen.crash and (seen.said or not (seen.missing or seen.wrong))
        silent = not seen.said
        tally.count(held, f"{what} {seen.crash}", lost=silent * seen.missing, wrong=silent * seen.wrong)
        shutil.rmtree(copy)
    return tally
