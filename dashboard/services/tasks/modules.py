"""Which modules change when the task changes, and how domains go: tables of what a run recorded beside accuracy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ....db import Store
from ...analysis.measures._support.tasks import Visit

CHANGE, DRIFT, ALIGNMENT = "module_change", "module_drift", "grad_alignment"
SETTLING = 100  # steps after a boundary that count as "across tasks"
WIDTH = 4000


def ranking(store: Store, run: str, found: Sequence[Visit]) -> pd.DataFrame:
    """The modules by how much more they change right after a boundary than within a task.

    across, within: medians of the mean absolute change of a weight in a step, over the first 100 steps after the
    boundaries and over all other steps; drift: relative change by the end of a task, the mean over tasks. The two
    normalisations rank modules otherwise: the first is per weight, the second relative to the weights.
    """
    signals, rows = store.signals(run), []
    starts = np.array([visit.start for visit in found[1:]])
    ends = [visit.end for visit in found if visit.end is not None]
    for part in getattr(signals.get(CHANGE), "parts", ()):
        points = store.buckets(run, CHANGE, part, width=WIDTH)
        since = points.last[:, None] - starts
        after = ((since > 0) & (since <= SETTLING)).any(1)
        rows.append(
            {
                "module": ".".join(part),
                "across": float(np.median(points.mean[after])) if after.any() else np.nan,
                "within": float(np.median(points.mean[~after])) if (~after).any() else np.nan,
                "drift": _at_ends(store, run, part, ends) if part in signals[DRIFT].parts else np.nan,
            }
        )
    frame = pd.DataFrame(rows, columns=["module", "across", "within", "drift"])
    frame.insert(1, "across / within", frame["across"] / frame["within"])
    return frame.sort_values("across / within", ascending=False, kind="stable", ignore_index=True)


def _at_ends(store: Store, run: str, part: tuple, ends: Sequence[int]) -> float:
    points = store.buckets(run, DRIFT, part, width=WIDTH)
    at = np.searchsorted(points.last, ends or [points.last[-1]], side="right") - 1
    return float(np.mean(points.mean[at[at >= 0]])) if (at >= 0).any() else np.nan


def alignment(latest: dict) -> pd.DataFrame | None:
    """The newest cosines between the gradients of domains, as a square table; None where they were not recorded."""
    found = {key[1:]: value for key, (_, value) in latest.items() if not isinstance(key, str) and key[0] == ALIGNMENT}
    if not found:
        return None
    names = list(dict.fromkeys(name for pair in found for name in pair))
    frame = pd.DataFrame(1.0, index=names, columns=names)
    for (a, b), value in found.items():
        frame.loc[a, b] = frame.loc[b, a] = value
    return frame
