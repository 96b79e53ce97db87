"""Stores with runs that learn tasks one after the other, for the page and what stands behind it."""

from __future__ import annotations

import numpy as np

from barograph.dashboard.analysis.measures._support.tasks import Visit
from barograph.dashboard.services.tasks import record
from barograph.db import Description, Event, Run, RunWriter, Store

NAMES = ("digits", "letters", "signs")
VISIT = 120  # steps


def visits(store: Store, run: str) -> tuple[Visit, ...]:
    """What the run trained on, from when to when, as its timeline says."""
    return record.visits(store.events(run), store.lineage(run))


def learn(
    path, name: str = "replay", names=NAMES, *, seed: int = 0, lost: float = 0.3, dip: float = 0.3, visit: int = VISIT,
    **config,
) -> Run:  # fmt: skip
    """One run, evaluated at every step on 1,000 examples: each boundary costs `lost` for good and `dip` for a while."""
    rng = np.random.default_rng(seed)
    run = Run(id="", name=name, started=1e9 + seed, config={"seed": seed, **config})
    writer = RunWriter.open(path, run)
    writer.describe(Description("eval_accuracy", better="higher", axes=("task",)))
    steps = np.arange(0, len(names) * visit + 1)
    writer.columns(steps, ("loss",), rng.random((len(steps), 1)))
    for at, task in enumerate(names):
        start = at * visit
        writer.event(Event(step=start, kind="task", text=task, data={"task": task, "boundary": "begin"}))
        writer.event(Event(step=start + visit, kind="task", text=task, data={"task": task, "boundary": "end"}))
        value = np.where(steps <= start, 0.1, 0.9 - 0.8 * np.exp(-(steps - start) / 15))
        for later in range(at + 1, len(names)):
            t = steps - later * visit
            value = value - np.where(t > 0, lost + dip * np.exp(-np.maximum(t, 0) / 10), 0)
        accuracy = rng.binomial(1000, np.clip(value, 0, 1)) / 1000
        keys = tuple((signal, task) for signal in ("eval_accuracy", "eval_loss", "eval_n"))
        writer.columns(steps, keys, np.stack([accuracy, 2.3 * (1 - accuracy), np.full(len(steps), 1000.0)], axis=1))
    writer.close()
    return writer.run


def methods(path) -> None:
    """Two methods with three seeds each."""
    for seed in range(3):
        learn(path, f"fine-tuning seed {seed}", seed=seed, lost=0.4, method="fine-tuning")
        learn(path, f"replay seed {seed}", seed=seed + 10, lost=0.05, method="replay")


def inside(path) -> None:
    """One run that recorded domains, modules, its head and how gradients agree."""
    run = learn(path)
    writer = RunWriter.open(path, Run(id="", name=run.name), resume=True, step=len(NAMES) * VISIT)
    steps = np.arange(10, len(NAMES) * VISIT, 10) + len(NAMES) * VISIT
    columns = {("domain_loss", "web"): 2.0, ("domain_loss", "code"): 1.0, ("domain_share", "web"): 0.7}
    columns |= {("module_change", "head"): 1e-3, ("module_change", "body"): 1e-4, ("module_drift", "head"): 0.3}
    columns |= {"new_class_share": 0.9, "new_class_due": 0.3, ("grad_alignment", "web", "code"): -0.2}
    values = np.tile(list(columns.values()), (len(steps), 1))
    writer.columns(steps, tuple(columns), values)
    writer.close()


def one(path) -> None:
    """One task that no boundary names."""
    writer = RunWriter.open(path, Run(id="", name="one task"))
    steps = np.arange(50)
    writer.columns(steps, (("eval_accuracy", "gsm8k"),), np.linspace(0.1, 0.5, 50)[:, None])
    writer.close()


def percent(path) -> None:
    """Accuracies that are no shares."""
    writer = RunWriter.open(path, Run(id="", name="percent"))
    writer.event(Event(step=0, kind="task", text="a", data={"task": "a", "boundary": "begin"}))
    writer.columns(np.arange(5), (("eval_accuracy", "a"),), np.full((5, 1), 41.0))
    writer.close()


def hostile(path) -> None:
    """Names that would do harm, and values that are not finite."""
    names = ("<script>alert(1)</script>", "](javascript:x)", "a" * 3000)
    learn(path, "<b>run</b>", names)
    writer = RunWriter.open(path, Run(id="", name="holes"))
    values = np.array([np.nan, np.inf, 0.5, np.nan, 0.6])[:, None]
    writer.columns(np.arange(5), (("eval_accuracy", names[0]),), values)
    writer.close()


def many(path) -> None:
    """Forty tasks."""
    learn(path, "many", tuple(f"task {i:02d}" for i in range(40)), lost=0.002, dip=0.1, visit=30)


SITUATIONS = [methods, inside, one, percent, hostile, many]
