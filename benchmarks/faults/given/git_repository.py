"""A repository whose settings name programs: none is run to know which commit a training was started from."""

from __future__ import annotations

from pathlib import Path

from barograph.collectors.recording.git_commit import commit
from benchmarks.faults._support.repository import PROGRAMS, compare, made, touched
from benchmarks.faults._support.tally import Tally


def attack(folder: Path, quick: bool) -> Tally:
    tally = Tally()
    for number, kind in enumerate(PROGRAMS):
        place, mark = folder / str(number), folder / f"{number}.was-run"
        made(place, kind, mark)
        found = commit(place)
        known = kind == "fetch" or (len(found.get("commit", "")) == 40 and bool(found.get("diff")))
        ran = mark.exists()
        touched(place)
        compare(place)
        tally.count(not ran and known and mark.exists(), f"{kind}: was run: {ran}, {found}; git alone: {mark.exists()}")
    return tally
