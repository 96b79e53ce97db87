"""The view `runs`: one row a run with its ends and its configuration, to filter and to sort by; no Streamlit.

| column | is |
|---|---|
| id, name, project, state, note, tags | as the store has them; tags joined by commas |
| started, hours | seconds since the epoch; wall time so far |
| steps, steps_planned, attempt | the last step; where the plan ends; how often it was restarted |
| parameters, tokens, flops | parameters in all; tokens and FLOPs at the last step |
| final_loss, final_val_loss | the end of the loss's local trend, as the page *Compare* shows it |
| best_loss, best_val_loss | the least mean of a hundredth of the run; the least validation loss |
| severity | of the most severe finding that was not marked wrong: 0 note, 1 watch, 2 act |
| config_KEY | each key of the configuration, nested ones joined; other characters than letters and digits become _ |

What a run does not have is NULL.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection
from typing import Any

import numpy as np

from ...db import Run, Store
from ...errors import StoreError
from ..analysis.statistics.configs import flat
from ..analysis.statistics.ending import ENOUGH, SHARE, Ending, ending
from .run_filter import CONFIG, kept

HUNDREDTHS = 100


def row(store: Store, run: Run) -> dict[str, Any]:
    """One run's row of the view."""
    try:
        signals = store.signals(run.id)
        tokens = _tokens(store, run) if "tokens" in signals else None
        ends = _ends(store, run, signals)
    except StoreError:  # damaged: the run keeps its row, without the numbers
        tokens, ends = None, {}
    end = run.ended or run.last_seen or time.time()
    found = {
        "id": run.id,
        "name": run.name,
        "project": run.project,
        "state": run.state,
        "note": run.note,
        "tags": ",".join(run.tags),
        "started": run.started or None,
        "hours": (end - run.started) / 3600 if run.started else None,
        "steps": run.last_step,
        "steps_planned": run.steps_planned,
        "attempt": run.attempt,
        "parameters": run.size.get("total") or run.size.get("non_embedding"),
        "tokens": tokens,
        "flops": tokens * run.flops_per_token if tokens and run.flops_per_token else None,
        **dict.fromkeys(("final_loss", "best_loss", "final_val_loss", "best_val_loss")),
        **ends,
        "severity": max((f.severity for f in store.findings(run.id) if f.judgement != "wrong"), default=None),
    }
    for key, value in flat(run.config).items():
        found.setdefault(CONFIG + re.sub(r"\W", "_", key), value)
    return found


def _ends(store: Store, run: Run, signals: Collection[str]) -> dict[str, float | None]:
    """Where the losses ended, and their best."""
    found: dict[str, float | None] = {}
    if "loss" in signals:
        found["final_loss"] = final_value(store, run, "loss")
        found["best_loss"] = _least(store.buckets(run.id, "loss", width=HUNDREDTHS).mean)
    if "val_loss" in signals:
        found["final_val_loss"] = final_value(store, run, "val_loss")
        found["best_val_loss"] = _least(store.buckets(run.id, "val_loss").low)
    return found


def filtered(store: Store, where: str) -> list[Run]:
    """The runs that a filter on this view keeps, newest first. InvalidInput names its mistake."""
    runs = store.runs()
    found = set(kept([row(store, run) for run in runs], where))
    return [run for run in runs if run.id in found]


def final_value(store: Store, run: Run, signal: str) -> float | None:
    """Where a loss of the run ended; None where it has no finite value."""
    found = end_of(store, run, signal)
    return found.value if found else None


def end_of(store: Store, run: Run, signal: str) -> Ending | None:
    """The end of a series of the run, from no more of it than it takes; None where it has no finite value."""
    points = store.series(run.id, signal, lo=int((1 - SHARE) * (run.last_step or 0)))
    late = np.isfinite(points.values)
    if np.count_nonzero(late) < ENOUGH or points.steps[late][-1] < (run.last_step or 0):
        points = store.series(run.id, signal)  # it has few points, or ended before the run
    return ending(points.steps, points.values) if np.isfinite(points.values).any() else None


def _least(values: np.ndarray) -> float | None:
    values = values[np.isfinite(values)]
    return float(values.min()) if len(values) else None


def _tokens(store: Store, run: Run) -> float | None:
    """Tokens at the last step."""
    try:
        return float(store.axis(run.id, np.array([run.last_step or 0]), "tokens")[0])
    except StoreError:
        return None
