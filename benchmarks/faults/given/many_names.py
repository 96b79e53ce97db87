"""A step in a metric's name, by mistake: it is said, every value is kept, and every command stays usable."""

from __future__ import annotations

import warnings
from pathlib import Path

from barograph.collectors import watch
from barograph.db import Store
from benchmarks.faults._support.processes import command
from benchmarks.faults._support.tally import Tally
from benchmarks.faults._support.training import amiss


def attack(folder: Path, quick: bool) -> Tally:
    tally, path, names = Tally(), folder / "runs.db", 1200 if quick else 20_000
    with watch(store=path, name="good") as good:
        good.log(loss=1.0, step=1)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        with watch(store=path, name="many") as run:
            for step in range(1, names + 1):
                run.log({f"loss_step_{step}": float(step), "loss": float(step)}, step=step)
    store = Store(path)
    said = [one.text for one in store.events(run.id) if "like 'loss_step_*'" in one.text]
    warned = any("like 'loss_step_*'" in str(one.message) for one in heard)
    lost, wrong = amiss(store, run.id, names)
    known = set(store.signals(run.id))
    for step in range(1, names + 1, 40):
        name = f"loss_step_{step}"
        right = name in known and store.series(run.id, name).values.tolist() == [float(step)]
        lost, wrong = lost + (name not in known), wrong + (name in known and not right)
    tally.count(len(said) == 1 and warned, f"said {said}, warned {warned}", lost=lost, wrong=wrong)
    store.close()
    for words, fine in (
        (["runs"], {0}), (["check"], {0}), (["check-run", "many"], {0, 1, 2, 3, 4, 5}),
        (["export", "good", "--csv", folder / "good.csv"], {0}),
        (["export", "many", "--signal", "loss", "--csv", folder / "loss.csv"], {0}),
        (["compare", "good", "many"], {0, 1}), (["report", "good", "many", "--out", folder / "all.html"], {0}),
    ):  # fmt: skip
        status, shown = command(*words, "--store", path)
        tally.count(status in fine, f"{words[0]}: status {status}: {shown[-200:]}")
    return tally
