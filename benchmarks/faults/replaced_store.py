"""The store is deleted and replaced while it is read; a viewer that may not write was opened before."""

from __future__ import annotations

import time
from pathlib import Path

from barograph.db import Run, RunWriter, Store
from barograph.errors import StoreError
from benchmarks.faults._support.processes import STRANGERS, ended, run, start
from benchmarks.faults._support.tally import Tally
from benchmarks.faults._support.training import amiss, can_be_another


def write(path: Path, name: str, steps: int = 200, pause: float = 0.0) -> None:
    writer = RunWriter.open(path, Run("", name))
    for step in range(1, steps + 1):
        writer.points(step, ("loss",), [float(step)])
        time.sleep(pause)
        if step % 50 == 0:
            writer.tend()
    writer.close()


def attack(folder: Path, quick: bool) -> Tally:
    tally = Tally()
    for number in range(1 if quick else 5):
        place = folder / str(number)
        place.mkdir()
        path = place / "runs.db"
        run(lambda path=path: write(path, "first"))  # type: ignore[misc]
        reader = Store(path)
        tally.count([one.name for one in reader.runs()] == ["first"], "before")
        for made in place.glob("runs.db*"):
            if made.is_file():
                made.unlink()
        try:
            shown = [one.name for one in reader.runs()]
        except StoreError:
            shown = []
        tally.count(not shown, f"deleted, and still shown: {shown}")
        run(lambda path=path: write(path, "second"))  # type: ignore[misc]
        tally.count([one.name for one in reader.runs()] == ["second"], "replaced, and the old one shown")
        reader.close()
        if can_be_another():
            place.chmod(0o755)
            _viewer(place, tally)
    return tally


def _viewer(place: Path, tally: Tally) -> None:
    path, seen, done = place / "runs.db", place.with_suffix(".seen"), place.with_suffix(".done")
    for made in (path, path.with_name("runs.db.journals")):
        made.chmod(0o755)

    def look() -> None:
        store = Store(path)
        store.runs()
        print("open", flush=True)
        while not done.exists():
            time.sleep(0.05)
        for one in store.runs():
            assert amiss(store, one.id, 200) == (0, 0), f"{one.name}: {amiss(store, one.id, 200)}"
        assert sorted(one.name for one in store.runs()) == ["second", "third"], store.runs()

    viewer = start(look, seen, STRANGERS[0])
    while not seen.exists() or "open" not in seen.read_text():
        time.sleep(0.02)
    run(lambda: write(path, "third", pause=0.002))
    for made in path.parent.rglob("*"):
        made.chmod(made.stat().st_mode | 0o044)
    done.touch()
    tally.count(ended(viewer) == 0, f"a viewer without permission to write: {seen.read_text()[-300:]}")
