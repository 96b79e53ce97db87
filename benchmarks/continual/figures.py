"""What a store of continual runs says: every figure is computed by the product's own measures."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from barograph.dashboard.analysis.measures import discover
from barograph.dashboard.analysis.measures._support.tasks import Evaluations

FIGURES = {
    "acc": "acc", "forg": "forgetting", "bwt": "bwt", "fwt": "fwt", "learning_acc": "learning_accuracy",
    "min_acc": "min_acc", "wc_acc": "wc_acc", "wf10": "wf10", "wf100": "wf100", "wp10": "wp10", "wp100": "wp100",
    "retention": "retention_index", "gap_depth": "gap_depth", "gap_transient": "gap_transient",
    "gap_persistent": "gap_persistent", "gap_steps": "gap_recovery",
}  # fmt: skip


def at_task_ends(record: Evaluations) -> Evaluations:
    """The same run as somebody would know it who evaluates only when a task is over."""
    ends = [visit.start for visit in record.visits[:1]] + [visit.end for visit in record.visits]
    keep = np.isin(record.step, ends)
    names = np.array(record.names)[record.task[keep]]
    return Evaluations.of(
        record.step[keep], names, record.value[keep], n=record.n[keep], visits=record.visits, fixed=record.fixed
    )


def figures(record: Evaluations) -> dict[str, float]:
    """The figures of one run, and the worst case as it looks from the ends of tasks alone."""
    measures = discover()
    found = {short: measures[name](record) for short, name in FIGURES.items()}
    sparse = at_task_ends(record)
    return {
        **{short: result.value for short, result in found.items()},
        "min_acc_noise": found["min_acc"].bias,
        "wf10_noise": found["wf10"].bias,
        "min_acc_at_task_ends": measures["min_acc"](sparse).value,
        "wf10_at_task_ends": measures["wf10"](sparse).value,
    }


def mean_and_sd(runs: Iterable[dict[str, float]]) -> dict[str, float | None]:
    """The mean over seeds of each figure, and its standard deviation as `..._sd`; those not measured left out."""
    runs, out = list(runs), {}
    for name in runs[0]:
        values = np.array([run[name] for run in runs])
        values = values[np.isfinite(values)]
        out[name] = round(float(values.mean()), 4) if len(values) else None
        if len(values) > 1:
            out[f"{name}_sd"] = round(float(values.std(ddof=1)), 4)
    return out
