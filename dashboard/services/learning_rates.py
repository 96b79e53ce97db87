"""The learning rate of a run: recorded, as its newest plan goes on, and the norms that a refined one is made from."""

from __future__ import annotations

import numpy as np

from ...db import Run, Store
from ..analysis.forecasting import Schedule
from ..analysis.forecasting.future import GradientNorms


def main_group(run: Run) -> str:
    """The parameter group that drives most parameters; the first where the run does not say."""
    optimizers = run.provenance.get("optimizers") or [{}]
    counts = [group.get("parameters", 0) for group in optimizers[0].get("groups", [])]
    return str(int(np.argmax(counts))) if counts else "0"


def learning_rate(store: Store, run: Run) -> tuple[np.ndarray, np.ndarray]:
    """The recorded learning rate of the main group: steps (n,) from 1 on, values (n,); repeated knots left out."""
    parts = store.signals(run.id)["lr"].parts if "lr" in store.signals(run.id) else ()
    wanted = (main_group(run),)
    part = wanted if wanted in parts else parts[0] if parts else ()
    series = store.series(run.id, "lr", part, lo=1)
    keep = np.isfinite(series.values)
    steps, values = series.steps[keep], series.values[keep]
    if len(steps) > 2:  # inner points of a straight piece say nothing
        slope = np.diff(values) / np.diff(steps)
        bend = np.abs(np.diff(slope)) > 1e-12 * max(values.max(), 1e-300)
        knots = np.concatenate([[True], bend, [True]])
        steps, values = steps[knots], values[knots]
    return steps, values


def schedule_of(store: Store, run: Run) -> tuple[Schedule | None, str]:
    """The whole learning rate, recorded and planned, and where its future was read; (None, why not) where unknown."""
    steps, values = learning_rate(store, run)
    if not len(steps) or values.max() <= 0:
        return None, "no learning rate is recorded " + ("yet" if run.state == "running" else "of this run")
    last = run.last_step or int(steps[-1])
    plan = next((p for p in reversed(store.plans(run.id)) if p.group in (main_group(run), "0") and len(p.steps)), None)
    if plan is not None and plan.steps[-1] > steps[-1]:
        ahead = plan.steps > steps[-1]
        steps, values = np.append(steps, plan.steps[ahead]), np.append(values, plan.values[ahead])
        return Schedule(steps, values), plan.origin
    ended = run.state != "running" or not run.steps_planned or run.steps_planned <= last
    if len(steps) < 2 or not ended:
        return None, "how its learning rate goes on is not known; choose a plan"
    return Schedule(steps, values), "recorded"


def gradient_norms(store: Store, run: Run) -> GradientNorms | None:
    """The run's gradient norms, L1 norms where it has them and trains with Adam; None where none was recorded."""
    known = store.signals(run.id)
    optimizers = run.provenance.get("optimizers") or [{}]
    adam = "adam" in str(optimizers[0].get("name", "")).lower()
    for signal, fits in (("grad_l1", adam), ("grad_norm", True)):
        if fits and signal in known and () in (known[signal].parts or ((),)):
            return GradientNorms(store.series(run.id, signal, lo=1).values, signal == "grad_l1")
    return None
