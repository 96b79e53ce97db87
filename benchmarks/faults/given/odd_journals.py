"""Journals that cannot be folded, cannot be read, or come from a newer writer: every other run and command goes on."""

from __future__ import annotations

import os
from pathlib import Path

from barograph.dashboard.services.background.watcher import Watcher
from barograph.db import Run, RunWriter, Store
from barograph.db.journal import frames
from benchmarks.faults._support.processes import STRANGERS, command, run
from benchmarks.faults._support.tally import Tally
from benchmarks.faults._support.training import amiss, can_be_another, runs_named

FAR = 2**63
NOTES: tuple[dict[str, object], ...] = (
    {"event": {"step": FAR, "kind": "data", "text": "x", "time": 1.0}},
    {"event": {"step": 1, "kind": "data", "text": "x", "time": 1.0, "of_tomorrow": 3}},
    {"describe": {"name": "loss", "unit": "", "sentence": "", "better": "lower", "axes": [], "of_tomorrow": 3}},
    {"evaluation": {"step": 1, "task": "t", "metric": "m", "value": "0.5", "n": FAR}},
    {"evaluation": {"step": 1, "task": "t", "metric": "m", "value": "many"}},
    {"update": {"steps_planned": FAR}}, {"update": {"of_tomorrow": 1}}, {"close": {"state": "finished"}},
    {"plan": {"knots": [[1]]}}, {"event": 5}, {"of_tomorrow": {"a": 1}}, {"of_tomorrow": 1}, {"late": {"step": 1}},
    {"late": {"attempt": 0, "step": FAR, "points": [["loss", 1.0]]}}, {"attempt": {"number": "x"}}, {"run": {"id": 5}},
)  # fmt: skip


def odd(path: Path, note: dict[str, object]) -> None:
    """A killed run with an odd note between its points."""
    writer = RunWriter.open(path, Run("odd", "odd"))
    for step in range(1, 101):
        writer.points(step, ("loss",), [float(step)])
    (journal,) = path.with_name("runs.db.journals").glob("odd.*.journal")
    with open(journal, "ab") as file:
        file.write(frames.frame(frames.NOTE, 0, frames.json_body(note)))
    for step in range(101, 201):
        writer.points(step, ("loss",), [float(step)])
    os._exit(0)


def attack(folder: Path, quick: bool) -> Tally:
    tally = Tally()
    notes = [*NOTES[:: 5 if quick else 1], *([None] if can_be_another() else [])]
    for number, note in enumerate(notes):
        place = folder / str(number)
        place.mkdir()
        place.chmod(0o777)
        path = place / "runs.db"
        run(lambda path=path, note=note: odd(path, note or {}))  # type: ignore[misc]
        if note is None:
            for journal in place.rglob("*.journal"):
                journal.chmod(0)
            path.with_name("runs.db.journals").chmod(0o777)
        said = folder / f"{number}.said"
        status = run(lambda path=path: goes_on(path), said, None if note is not None else STRANGERS[0])  # type: ignore[misc]
        lost = wrong = 0
        if note is not None:
            store = Store(path)
            lost, wrong = amiss(store, runs_named(store, "odd")[0], 200)
            store.close()
        tally.count(status == 0, f"{note}: {said.read_text()[-400:]}", lost=lost, wrong=wrong)
    return tally


def goes_on(path: Path) -> None:
    """Another run is written, read, exported, checked and watched."""
    writer = RunWriter.open(path, Run("", "good"))
    for step in range(1, 101):
        writer.points(step, ("loss",), [float(step)])
    writer.close()
    store = Store(path)
    store.fold()
    assert len(store.runs()) == 2
    (good,) = runs_named(store, "good")
    assert amiss(store, good, 100) == (0, 0)
    store.close()
    csv = path.with_suffix(".csv")
    for words in (
        ["runs"],
        ["check"],
        ["check-run", "good"],
        ["export", "good", "--csv", csv],
        ["delete", "good", "-y"],
    ):
        status, shown = command(*words, "--store", path)
        assert status != 99, f"{words[0]}: status {status}: {shown}"
    assert csv.exists()
    Watcher(path).look()
