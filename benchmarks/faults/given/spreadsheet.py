"""Names and texts that a spreadsheet would run, in every table that people open in one."""

from __future__ import annotations

import csv
from pathlib import Path

from barograph.collectors import watch
from barograph.db import Store
from benchmarks.faults._support.processes import command
from benchmarks.faults._support.tally import Tally

TEXTS = (
    "=HYPERLINK(1)", "=cmd|' /C calc'!A0", "+1+cmd", "-1+cmd", "@SUM(1)", "\t=1+1", "\r=1+1", " =1+1", "-x", "=",
)  # fmt: skip
BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n")


def cells(file: Path) -> list[str]:
    """Every cell of a table that is not a number, and the heading too."""
    with open(file, newline="") as rows:
        found = [cell for row in csv.reader(rows) for cell in row]
    return [cell for cell in found if not _number(cell)]


def _number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def attack(folder: Path, quick: bool) -> Tally:
    tally, path = Tally(), folder / "runs.db"
    with watch(store=path, name="beside") as run:
        run.log(loss=1.0, step=1)
    for number, text in enumerate(TEXTS[::3] if quick else TEXTS):
        with watch(store=path, name=text, config={text: text, "lr": text}, tags=[text], project=text, note=text) as run:
            for step in range(1, 4):
                run.log({text: float(-step), "loss": float(step)}, step=step)
        store = Store(path)
        kept = store.run(run.id).config.get("lr")
        tally.count(kept == text, f"the configuration's {text!r} became {kept!r}")
        store.close()
        for words in (["export", run.id, "--csv"], ["report", "beside", run.id, "--out"]):
            out = folder / f"{number}{words[0]}.csv"
            status, shown = command(*words, out, "--store", path)
            ran = [file.name for file in folder.glob(f"{out.stem}*") for cell in cells(file)
                   if cell.lstrip(" ").startswith(BEGINNINGS)]  # fmt: skip
            tally.count(status == 0 and out.exists() and not ran, f"{text!r}: status {status}, {ran}, {shown[-100:]}")
    return tally
