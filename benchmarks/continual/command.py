"""The stability gap on real data: what methods that end well lose for a moment, recorded by `watch` as a user would.

    python -m benchmarks.continual --out continual.db [--quick] [--json] [--jobs 2]

Digits (`tasks.py`) learned by four methods (`train.py`), class-, task- and domain-incremental, by
several seeds, evaluated on every task after every step; pairs of domains that are 10 to 80 degrees apart; and a small
language model on three kinds of text (`language.py`). Every figure is computed from the rows of the store
(`figures.py`), so a store that is there already is only filled up. `methods` are the class-incremental runs.
`min_acc_at_task_ends` is what min-ACC would be known as by evaluating when a task is over and not at every step.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing

from rich.console import Console
from rich.progress import Progress

from barograph.dashboard.analysis.measures import discover
from barograph.dashboard.services.tasks.record import record as recorded
from barograph.db import Store
from benchmarks.continual.figures import figures, mean_and_sd

ANGLES = (10, 20, 40, 80)  # degrees between two domains
PRINTED = ("acc", "forg", "min_acc", "min_acc_at_task_ends", "wc_acc", "wf10", "wp10", "gap_depth", "gap_steps")


def plans(quick: bool) -> list[tuple]:
    """What is trained, longest first: (language, replay, seed, steps) or ("digits", kind, method, seed, ...)."""
    from benchmarks.continual.train import METHODS

    seeds, steps = (2, 100) if quick else (3, 200)
    language = [(replay, seed, 150 if quick else 500) for seed in range(1 if quick else 2) for replay in (False, True)]
    found = [("language", *plan) for plan in language]
    for kind in ("class",) if quick else ("class", "task", "domain"):
        found += [("digits", kind, method, seed, steps, None) for method in METHODS for seed in range(seeds)]
    found += [("digits", "domain", "replay", seed, steps, (0, angle)) for angle in ANGLES for seed in range(seeds)]
    return found


def one(plan: tuple, store: str) -> None:
    """Trains one run, in a process of its own with one thread."""
    import torch

    from benchmarks.continual import language
    from benchmarks.continual import train as digits

    torch.set_num_threads(1)
    if plan[0] == "language":
        language.train(*plan[1:], store)
    else:
        digits.train(digits.Plan(*plan[1:]), store)


def name_of(plan: tuple) -> str:
    from benchmarks.continual.language import name_of as of_language
    from benchmarks.continual.train import Plan

    return of_language(*plan[1:3]) if plan[0] == "language" else Plan(*plan[1:]).name


def fill(path: str, wanted: list[tuple], jobs: int) -> None:
    """Trains what the store does not have yet."""
    with closing(Store(path)) as store:
        there = {run.name for run in store.runs() if run.state == "finished"}
    todo = [plan for plan in wanted if name_of(plan) not in there]
    context = multiprocessing.get_context("spawn")
    with Progress(console=Console(stderr=True)) as progress, ProcessPoolExecutor(jobs, mp_context=context) as pool:
        task = progress.add_task(f"{len(todo)} runs", total=len(todo))
        for done in as_completed([pool.submit(one, plan, path) for plan in todo]):
            done.result()
            progress.update(task, advance=1)


def report(path: str) -> dict:
    """Every figure, by kind of sequence and method, and by angle; means over seeds."""
    by: dict[str, dict[str, list]] = defaultdict(lambda: defaultdict(list))
    language: dict[str, list] = defaultdict(list)
    with closing(Store(path)) as store:
        for run in store.runs():
            if run.project != "continual" or run.state != "finished":
                continue
            group, seed = run.name.rsplit("-s", 1)
            record = recorded(store, run.id, "eval_accuracy")
            found = figures(record)
            if group.startswith("language-"):
                shift = {name: discover()[name](record).value for name in ("loss_forgetting", "loss_adaptation")}
                language[group.removeprefix("language-")].append({**found, **shift})
            elif "deg-" in group:
                by["angles"][group.split("-")[1].removesuffix("deg")].append(found)
            else:
                kind, method = group.split("-", 1)
                by[kind][method].append(found)
    out = {kind: {name: mean_and_sd(runs) for name, runs in groups.items()} for kind, groups in by.items()}
    ladder = out.pop("angles", {})
    return {
        "methods": out.pop("class", {}),
        "task_incremental": out.pop("task", {}),
        "domain_incremental": out.pop("domain", {}),
        "gap_by_degrees": dict(sorted(ladder.items(), key=lambda item: int(item[0]))),
        "language": {name: mean_and_sd(runs) for name, runs in language.items()},
    }


def show(found: dict) -> None:
    """The tables for people."""
    for title, groups in found.items():
        if not isinstance(groups, dict) or not groups:
            continue
        print(f"\n{title:22}" + "".join(f"{name.replace('min_acc_at_task_ends', 'at ends'):>11}" for name in PRINTED))
        for name, values in groups.items():
            cells = (values.get(figure) for figure in PRINTED)
            print(f"{name:22}" + "".join(f"{'-' if cell is None else f'{cell:.3f}':>11}" for cell in cells))


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.continual", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", required=True, help="the store to fill")
    parser.add_argument("--quick", action="store_true", help="fewer seeds and steps, class-incremental alone")
    parser.add_argument("--jobs", type=int, default=2, help="processes, of one thread each")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    options = parser.parse_args()
    began = time.perf_counter()
    fill(options.out, plans(options.quick), options.jobs)
    found = report(options.out)
    found["seconds"] = round(time.perf_counter() - began, 1)
    if options.json:
        print(json.dumps(found))
    else:
        show(found)
