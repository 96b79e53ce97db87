"""A zoo of real instabilities: small transformers that diverge, and others that only look as if they would.

    python -m benchmarks.zoo --out zoo.db [--seed-set calibration|report] [--jobs 2] [--only NAME]
    python -m benchmarks.zoo --figures zoo.db [--json]

Each run learns the standard library's source and is recorded by `watch` as a user would; what became of it is told
from its loss and its twin alone (see `labels.py`) and stored as an event of kind `label`. Runs that are in the
store already are left alone, so that a zoo that was cut short goes on.
"""

from __future__ import annotations

import argparse
import multiprocessing
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from rich.progress import Progress

from barograph.db import Store
from benchmarks.zoo.grid import SETS, recipes
from benchmarks.zoo.labels import write
from benchmarks.zoo.recipes import Recipe


def one(recipe: Recipe, store: str, seed_set: str) -> str:
    """Trains one run, in a process of its own with one thread."""
    import torch

    from benchmarks.zoo.train import train

    torch.set_num_threads(1)
    train(recipe, store, seed_set=seed_set)
    return recipe.name


def fill(path: Path, wanted: list[Recipe], seed_set: str, jobs: int) -> None:
    """Trains what the store does not have yet, longest first."""
    with_label = Store(path)
    there = {run.name for run in with_label.runs() if run.state != "running"}
    todo = sorted((r for r in wanted if r.name not in there), key=lambda r: -r.steps)
    context = multiprocessing.get_context("spawn")
    with Progress() as progress, ProcessPoolExecutor(jobs, mp_context=context) as pool:
        task = progress.add_task(f"{len(todo)} runs", total=len(todo))
        waiting = [pool.submit(one, recipe, str(path), seed_set) for recipe in todo]
        for done in as_completed(waiting):
            progress.update(task, advance=1, description=done.result())
    with_label.close()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.zoo", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, help="the store to fill")
    parser.add_argument("--seed-set", choices=sorted(SETS), default="report")
    parser.add_argument("--jobs", type=int, default=2, help="processes, of one thread each")
    parser.add_argument("--only", help="runs whose name begins so")
    parser.add_argument("--figures", type=Path, help="print the figures of a zoo")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    if (options.out is None) == (options.figures is None):
        parser.error("expected either --out STORE or --figures STORE")
    if options.figures:
        from benchmarks.zoo.figures import show

        return show(options.figures, as_json=options.json)
    wanted = [r for r in recipes(options.seed_set) if not options.only or r.name.startswith(options.only)]
    if not wanted:
        parser.error(f"--only {options.only}: no run's name begins so")
    fill(options.out, wanted, options.seed_set, options.jobs)
    store = Store(options.out)
    for name, told in sorted(write(store).items()):
        print(f"{name:24} {told['outcome']:10} {told['mechanism']:20} {told['onset'] or ''}")
    store.close()
    return 0
